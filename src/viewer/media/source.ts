import type { Sink } from '../../rtp/fanout.js'
import type { FrameClock } from '../../rtp/header-extension.js'
import type { PacketHistory } from '../../rtp/history.js'

/** What a session needs of a camera's packets. */
export interface CameraStream {
  fanout: { add(sink: Sink): Disposable; readonly history: PacketHistory }
  /** Whether a request yields a keyframe; where it does not, a newcomer is sent what came since the last one. */
  keyframesOnDemand: boolean
  requestKeyframe(): void
  clock: ReportedClock & FrameClock
}

/** What a viewer's reports need of its camera's clock; `CaptureClock` fits. */
export interface ReportedClock {
  timestampAt(monotonicMs: number): number | undefined
}
