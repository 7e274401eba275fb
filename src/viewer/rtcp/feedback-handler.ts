import { parseFeedback, type FirMemory } from '../../rtp/rtcp/feedback.js'
import type { CongestionControl } from './congestion.js'
import type { Delivery } from '../media/delivery.js'
import type { PathStats, SentSoFar } from './path-stats.js'
import type { Retransmitter } from '../media/retransmitter.js'
import type { Reports } from './sender-reports.js'

/** What a viewer asked for, counted from its start. */
export interface FeedbackCounts {
  /** Packets that it named as lost, however often. */
  nacked: number
  pli: number
  fir: number
}

/** All that answers a viewer's feedback. */
export interface FeedbackTargets {
  ssrc: number
  delivery: Delivery
  retransmitter: Retransmitter
  path: PathStats
  control: CongestionControl
  reports: Pick<Reports, 'giveBack'>
  sent: () => SentSoFar
  onBye: () => void
}

/** Gives what takes a viewer's RTCP, in decrypted compounds, and answers it: with packets, with a keyframe, or with less. */
export function createFeedbackHandler({
  ssrc,
  delivery: feed,
  retransmitter: repairer,
  path,
  control,
  reports,
  sent,
  onBye,
}: FeedbackTargets): {
  counts: FeedbackCounts
  take: (compound: Buffer) => void
} {
  const fir: FirMemory = { lastCommandSequence: undefined }
  const counts: FeedbackCounts = { nacked: 0, pli: 0, fir: 0 }
  const take = (compound: Buffer): void => {
    const nowMs = performance.now()
    const feedback = parseFeedback(compound, ssrc, fir)
    counts.nacked += feedback.lost.length
    counts.pli += feedback.pli
    counts.fir += feedback.fir
    if (feedback.pli + feedback.fir > 0) feed.requestKeyframe()
    const look = path.onFeedback(feedback, sent(), nowMs, Date.now())
    if (feedback.lost.length > 0) repairer.retransmit(feedback.lost, nowMs, path.roundTripMs)
    if (look !== undefined) {
      control.onSample(look)
      feed.limit(control.allowedBps)
    }
    if (feedback.referenceTime !== undefined) reports.giveBack(feedback.referenceTime, nowMs)
    if (feedback.bye) onBye()
  }
  return { counts, take }
}
