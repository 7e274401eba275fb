import type { Sink } from '../../rtp/fanout.js'
import type { FrameClock } from '../../rtp/header-extension.js'
import type { PacketHistory } from '../../rtp/history.js'

export interface CameraStream {
  fanout: { add(sink: Sink): Disposable; readonly history: PacketHistory }
  /** False if the encoder ignores keyframe requests. */
  keyframesOnDemand: boolean
  requestKeyframe(): void
  clock: ReportedClock & FrameClock
  /** Undefined for a camera without sound. */
  readonly audio?: AudioSource | undefined
  /** Called for every viewer, and disposed when it has left. */
  watch?(): Disposable
}

/** The sound of a camera. */
export interface AudioSource {
  fanout: CameraStream['fanout']
  clock: ReportedClock
}

/** A camera as a viewer gets it. Both sizes have one line of timestamps. */
export interface Sizes {
  readonly high: CameraStream
  /** Undefined while the camera has one size. */
  readonly low: CameraStream | undefined
}

/** One of the two encodes of a camera. */
export type Size = 'high' | 'low'

/** What a viewer asks for: `auto` is the size that its path carries. */
export type Quality = 'auto' | Size

export interface ReportedClock {
  timestampAt(monotonicMs: number): number | undefined
}
