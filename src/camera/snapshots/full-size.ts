import type { CameraFailure } from '../camera-failure.js'
import { explainFailure, type CaptureExit } from '../capture/explain-failure.js'
import { spawnChild } from '../capture/spawn.js'
import type { Camera } from '../capture/status.js'
import { stopChild } from '../capture/stop-child.js'
import type { Command } from '../gstreamer/command.js'
import { after, as, firstOf, whenAborted } from '../../lib/race.js'
import { createGdpReader } from './gdp.js'
import type { Snapshot } from './reader.js'

export interface FullSizeTiming {
  /** Until exposure and white balance have settled. */
  settleMs: number
  /** For the process, from its start to the picture. */
  limitMs: number
  /** Until the camera is free. */
  waitMs: number
}

const TIMING: FullSizeTiming = { settleMs: 1000, limitMs: 12_000, waitMs: 8000 }

const PAUSED: CameraFailure = {
  cause: 'full-size-snapshot',
  message: 'The video pauses for a snapshot at full size.',
  hint: 'It is back in a moment.',
}

/** One picture of another process, while the video of this camera pauses. Always stops the process. */
export async function captureFullSize(
  camera: Pick<Camera, 'pause'>,
  command: Command,
  about: Partial<FullSizeTiming> = {},
): Promise<Snapshot | CameraFailure> {
  const timing = { ...TIMING, ...about }
  let result: Snapshot | CameraFailure = busy
  const began = await camera.pause(
    PAUSED,
    async (closing) => {
      result = await onePicture(command, timing, closing)
    },
    AbortSignal.timeout(timing.waitMs),
  )
  return began ? result : busy
}

async function onePicture(
  command: Command,
  { settleMs, limitMs }: FullSizeTiming,
  closing: AbortSignal,
): Promise<Snapshot | CameraFailure> {
  const child = spawnChild(command)
  const picture = async (): Promise<Snapshot> =>
    await new Promise((resolve) => {
      const read = createGdpReader(({ kind, timestampMs = 0, payload }) => {
        if (kind === 'buffer' && timestampMs >= settleMs)
          resolve({ jpeg: payload, capturedAtMs: performance.now() })
      })
      let isBroken = false
      child.snapshots?.on('data', (chunk: Buffer) => {
        try {
          if (!isBroken) read(chunk)
        } catch {
          isBroken = true // the time limit reports it
        }
      })
      child.snapshots?.resume()
    })
  const end = await firstOf<Snapshot | CaptureExit | 'late' | 'closed'>(
    picture,
    async () => await child.ended,
    as('late', after(limitMs)),
    as('closed', whenAborted(closing)),
  )
  const late = end === 'late' ? explainFailure({ how: 'no-first-packet', stderr: child.stderr() }) : undefined
  if ((await stopChild(child, { graceMs: 1000, killMs: 3000 })) === 'stuck') child.abandon()
  if (end === 'closed') return busy
  if (late !== undefined) return late
  return typeof end === 'object' && 'jpeg' in end ? end : explainFailure(end as CaptureExit)
}

const busy: CameraFailure = {
  cause: 'camera-restarting',
  message: 'The camera is starting or stopping, and cannot pause now.',
  hint: 'Try again in a moment.',
}

export const unknownFullSize = (kind: 'libcamera' | 'v4l2'): CameraFailure => ({
  cause: 'full-size-unknown',
  message: 'The full size of this camera is not known.',
  hint:
    kind === 'libcamera'
      ? 'Install the program that lists sensor modes: sudo apt install rpicam-apps-lite.'
      : 'Install the program that lists its sizes: sudo apt install v4l-utils.',
})
