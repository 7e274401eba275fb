import { poll } from '../../lib/deadline.js'
import type { CameraStream } from '../media/source.js'
import { noCounts, type ViewerStats } from '../stats/stats.js'
import type { EndReason, LeaveReason } from '../types.js'
import { Mp4Sender, type MediaOutput } from './mp4-sender.js'
import type { SharedFrames } from './shared-frames.js'

/** As of a session over WebRTC: the slot of a client that reads nothing may be given away, then the session ends. */
export const httpSessionTiming = { absenceMs: 3000, silenceLimitMs: 15_000, watchIntervalMs: 1000 }

export interface MseSession {
  frames: SharedFrames
  stream: CameraStream
  output: MediaOutput
  /** Resolves to end the session from our side. */
  left: Promise<LeaveReason>
  /** @param absentMs milliseconds in which the client read nothing; 0 for a short time. @returns why the session has to end instead. */
  onLive: (stats: () => ViewerStats, absentMs: () => number) => EndReason | undefined
  timing?: typeof httpSessionTiming
}

/** One viewer over HTTP, from its request to the end. */
export async function runMseSession({
  frames,
  stream,
  output,
  left,
  onLive,
  timing = httpSessionTiming,
}: MseSession): Promise<EndReason> {
  const sender = new Mp4Sender(output, () => stream.requestKeyframe())
  const stats = (): ViewerStats => ({
    ...noCounts(),
    packets: sender.frames,
    octets: sender.octets,
    transport: 'http',
    framesDropped: sender.framesDropped,
    congested: sender.isDropping,
    availableBitrateBps: undefined,
    fractionLost: undefined,
    roundTripMs: undefined,
  })
  const absentMs = (): number => (output.lagMs > timing.absenceMs ? output.lagMs : 0)
  const refusal = onLive(stats, absentMs)
  if (refusal !== undefined) return refusal
  using _frames = frames.join((frame) => sender.send(frame))
  using silent = poll(timing.watchIntervalMs, () =>
    output.lagMs > timing.silenceLimitMs ? ('silent' as const) : undefined,
  )
  return await Promise.race([left, silent.answered])
}
