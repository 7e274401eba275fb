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
}

/** The sound of a camera. */
export interface AudioSource {
  fanout: CameraStream['fanout']
  clock: ReportedClock
}

export interface ReportedClock {
  timestampAt(monotonicMs: number): number | undefined
}
