import type { Sink } from '../../rtp/fanout.js'
import type { FrameClock } from '../../rtp/header-extension.js'
import type { PacketHistory } from '../../rtp/history.js'

export interface CameraStream {
  fanout: { add(sink: Sink): Disposable; readonly history: PacketHistory }
  /** False if the encoder ignores keyframe requests. */
  keyframesOnDemand: boolean
  requestKeyframe(): void
  clock: ReportedClock & FrameClock
}

export interface ReportedClock {
  timestampAt(monotonicMs: number): number | undefined
}
