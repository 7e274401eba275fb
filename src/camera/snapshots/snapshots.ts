import { isExternal } from '../../config/device.js'
import type { CameraConfig } from '../../config/types.js'
import type { Demand } from '../capture/demand.js'
import type { CameraFailure } from '../camera-failure.js'
import type { Machine } from '../gstreamer/machine.js'
import { isPassthrough } from '../gstreamer/passthrough.js'
import { aptInstall } from '../gstreamer/packages.js'
import { missingForSnapshots } from '../gstreamer/snapshot-branch.js'
import type { Snapshot, SnapshotReader } from './reader.js'
import { after, firstOf, whenAborted, type Racer } from '../../lib/race.js'
import type { Camera } from '../capture/status.js'

export interface CameraSnapshots {
  readonly key: string
  /** Why this camera can never deliver snapshots. */
  readonly obstacle: CameraFailure | undefined
  /** A snapshot captured at `notBeforeMs` or later, or why there is none. Starts an idle camera. */
  capture(notBeforeMs: number): Promise<Snapshot | CameraFailure>
  /** At the full size of the camera, for which its video pauses if it is smaller. Requests at the same time share it. */
  captureFull(): Promise<Snapshot | CameraFailure>
  /** The next snapshot, without a time limit. Never resolves after `signal` aborts; rejects when the camera is removed. */
  next(notBeforeMs: number, signal: AbortSignal): Promise<Snapshot>
  /** Keeps the camera and its snapshots running until disposed. */
  follow(): Disposable
}

const LIMIT_MS = 5000

export function createSnapshots(options: {
  key: string
  camera: Pick<Camera, 'status' | 'onStatus'>
  reader: SnapshotReader
  demand: Demand
  /** Changes with the configuration. */
  readonly obstacle: CameraFailure | undefined
  removed?: AbortSignal
  /** Undefined if the video has the full size. */
  full?: () => Promise<Snapshot | CameraFailure | undefined>
  limitMs?: number
}): CameraSnapshots {
  const { key, camera, reader, demand, removed, full, limitMs = LIMIT_MS } = options
  const capture = async (notBeforeMs: number): Promise<Snapshot | CameraFailure> => {
    const { obstacle } = options
    if (obstacle !== undefined) return obstacle
    using _watching = demand.watch()
    return await firstOf<Snapshot | CameraFailure>(
      async (signal) => await reader.next(notBeforeMs, signal),
      lost(camera),
      timedOut(limitMs),
    )
  }
  const captureFull = async (): Promise<Snapshot | CameraFailure> => {
    const { obstacle } = options
    if (obstacle !== undefined) return obstacle
    using _watching = demand.watch()
    return (await full?.()) ?? (await capture(performance.now()))
  }
  let flight: Promise<Snapshot | CameraFailure> | undefined
  return {
    key,
    get obstacle() {
      return options.obstacle
    },
    capture,
    captureFull: async () => await (flight ??= captureFull().finally(() => (flight = undefined))),
    next: async (notBeforeMs, signal) =>
      await firstOf(
        async () => await reader.next(notBeforeMs, signal),
        async (settled) => {
          if (removed === undefined) return await new Promise<never>(() => {})
          await whenAborted(removed)(settled)
          throw new Error(`${key} was removed`)
        },
      ),
    follow() {
      const watching = demand.watch()
      const following = reader.follow()
      return {
        [Symbol.dispose]() {
          following[Symbol.dispose]()
          watching[Symbol.dispose]()
        },
      }
    },
  }
}

export function snapshotObstacle(camera: CameraConfig, machine: Machine): CameraFailure | undefined {
  if (isExternal(camera.device)) {
    return {
      cause: 'sent-by-another-program',
      message: `${camera.key} is encoded by another program, so there are no snapshots of it.`,
      hint: 'Request snapshots from that program, or watch the video.',
    }
  }
  if (isPassthrough(camera)) {
    return {
      cause: 'passed-through',
      message: `The H.264 of ${camera.key} is passed through and not decoded, so there are no snapshots of it.`,
      hint: 'Write format = "auto" to encode it here, with snapshots, or watch the video.',
    }
  }
  const missing = missingForSnapshots(machine)
  if (missing.length === 0) return undefined
  return {
    cause: 'missing-plugin',
    message: `Snapshots need ${missing.join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not installed. Video still works.`,
    hint: `${aptInstall(missing)}, then restart rpi-webrtc.`,
  }
}

const lost =
  (camera: Pick<Camera, 'status' | 'onStatus'>): Racer<CameraFailure> =>
  async (signal) =>
    await new Promise((resolve) => {
      const check = ({ state, cause, message, hint }: ReturnType<Camera['status']>): void => {
        if (state === 'lost') resolve({ cause: cause ?? '', message: message ?? '', hint: hint ?? '' })
      }
      const subscription = camera.onStatus(check)
      signal.addEventListener('abort', () => subscription[Symbol.dispose](), { once: true })
      check(camera.status())
    })

const timedOut =
  (limitMs: number): Racer<CameraFailure> =>
  async (signal) => {
    await after(limitMs)(signal)
    return {
      cause: 'no-picture',
      message: `No snapshot arrived within ${limitMs / 1000} s.`,
      hint: 'Try again. If this repeats, see the log.',
    }
  }
