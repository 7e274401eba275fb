import type { CameraConfig } from '../../config/types.js'
import type { Demand } from '../capture/demand.js'
import type { CameraFailure } from '../camera-failure.js'
import type { Machine } from '../gstreamer/machine.js'
import { aptInstall } from '../gstreamer/packages.js'
import { missingForSnapshots } from '../gstreamer/snapshot-branch.js'
import type { Snapshot, SnapshotReader } from './reader.js'
import { after, firstOf, whenAborted, type Racer } from '../../lib/race.js'
import type { Camera } from '../capture/status.js'

/** What others are given of a camera's pictures. */
export interface CameraSnapshots {
  readonly key: string
  /** Why there is never a picture, if so. */
  readonly obstacle: CameraFailure | undefined
  /** A picture captured at `notBeforeMs` or later, or why there is none. A camera that is switched off is started for it. */
  capture(notBeforeMs: number): Promise<Snapshot | CameraFailure>
  /**
   * The next picture captured at `notBeforeMs` or later, however long that takes; never resolves after `over`, and rejects
   * when the camera is no more.
   */
  next(notBeforeMs: number, over: AbortSignal): Promise<Snapshot>
  /** Somebody watches picture after picture until this is disposed. */
  follow(): Disposable
}

/** From the request to the picture, with a camera that has to start in between. */
const LIMIT_MS = 5000

export function createSnapshots(options: {
  key: string
  camera: Pick<Camera, 'status' | 'onStatus'>
  feed: SnapshotReader
  demand: Demand
  /** Why this camera can never deliver pictures, if so. */
  obstacle: CameraFailure | undefined
  /** Aborted when the camera is no more. */
  over?: AbortSignal
  limitMs?: number
}): CameraSnapshots {
  const { key, camera, feed, demand, obstacle, over: noMore, limitMs = LIMIT_MS } = options
  return {
    key,
    obstacle,
    async capture(notBeforeMs) {
      if (obstacle !== undefined) return obstacle
      using _wakesCamera = demand.watch()
      return await firstOf<Snapshot | CameraFailure>(
        async (over) => await feed.next(notBeforeMs, over),
        lost(camera),
        tooLate(limitMs),
      )
    },
    next: async (notBeforeMs, over) =>
      await firstOf(
        async () => await feed.next(notBeforeMs, over),
        async (settled) => {
          if (noMore === undefined) return await new Promise<never>(() => {})
          await whenAborted(noMore)(settled)
          throw new Error(`${key} is no more`)
        },
      ),
    follow() {
      const watching = demand.watch()
      const following = feed.follow()
      return {
        [Symbol.dispose]() {
          following[Symbol.dispose]()
          watching[Symbol.dispose]()
        },
      }
    },
  }
}

/** Why a camera can never deliver pictures on this machine; undefined where it can. */
export function snapshotObstacle(camera: CameraConfig, machine: Machine): CameraFailure | undefined {
  if (camera.device.kind === 'rtp') {
    return {
      cause: 'sent-by-another-program',
      message: `${camera.key} is encoded by another program: this one has no pictures of it.`,
      hint: 'Ask that program for pictures, or watch the video.',
    }
  }
  const missing = missingForSnapshots(machine)
  if (missing.length === 0) return undefined
  return {
    cause: 'missing-plugin',
    message: `Pictures need ${missing.join(', ')}, which GStreamer has not here; the video plays without.`,
    hint: `${aptInstall(missing)}, then start rpi-webrtc again.`,
  }
}

const lost =
  (camera: Pick<Camera, 'status' | 'onStatus'>): Racer<CameraFailure> =>
  async (over) =>
    await new Promise((resolve) => {
      const look = ({ state, cause, message, hint }: ReturnType<Camera['status']>): void => {
        if (state === 'lost') resolve({ cause: cause ?? '', message: message ?? '', hint: hint ?? '' })
      }
      const changes = camera.onStatus(look)
      over.addEventListener('abort', () => changes[Symbol.dispose](), { once: true })
      look(camera.status())
    })

const tooLate =
  (limitMs: number): Racer<CameraFailure> =>
  async (over) => {
    await after(limitMs)(over)
    return {
      cause: 'no-picture',
      message: `No picture came within ${limitMs / 1000} s.`,
      hint: 'Try again; if it stays so, the log says more.',
    }
  }
