import { parseFeedback, type FirMemory } from '../../rtp/rtcp/feedback.js'
import type { CongestionControl, PathSample } from './congestion.js'
import type { Delivery } from '../media/delivery.js'
import type { PathStats, SentSoFar } from './path-stats.js'
import type { Retransmitter } from '../media/retransmitter.js'
import type { Reports } from './sender-reports.js'

export interface FeedbackCounts {
  /** With repetitions. */
  nacked: number
  pli: number
  fir: number
}

export interface FeedbackTargets {
  ssrc: number
  delivery: Delivery
  retransmitter: Retransmitter
  path: PathStats
  control: CongestionControl
  /** Undefined for a viewer that is always sent the large size. */
  sizes?:
    | {
        onSample(sample: PathSample, allowedBps: number | undefined): void
        onEstimate(bps: number, nowMs: number): void
      }
    | undefined
  reports: Pick<Reports, 'answerReferenceTime'>
  sent: () => SentSoFar
  onBye: () => void
}

/** Handles a viewer's decrypted RTCP: retransmits, requests keyframes, limits the rate. */
export function createFeedbackHandler({
  ssrc,
  delivery,
  retransmitter,
  path,
  control,
  sizes,
  reports,
  sent,
  onBye,
}: FeedbackTargets): {
  counts: FeedbackCounts
  handle: (compound: Buffer) => void
} {
  const fir: FirMemory = { lastCommandSequence: undefined }
  const counts: FeedbackCounts = { nacked: 0, pli: 0, fir: 0 }
  const handle = (compound: Buffer): void => {
    const nowMs = performance.now()
    const feedback = parseFeedback(compound, ssrc, fir)
    counts.nacked += feedback.lost.length
    counts.pli += feedback.pli
    counts.fir += feedback.fir
    if (feedback.pli + feedback.fir > 0) delivery.requestKeyframe()
    const sample = path.onFeedback(feedback, sent(), nowMs, Date.now())
    if (feedback.lost.length > 0) retransmitter.retransmit(feedback.lost, nowMs, path.roundTripMs)
    if (sample !== undefined) {
      control.onSample(sample)
      delivery.limit(control.allowedBps)
      sizes?.onSample(sample, control.allowedBps)
    }
    if (feedback.rembBps !== undefined) sizes?.onEstimate(feedback.rembBps, nowMs)
    if (feedback.referenceTime !== undefined) reports.answerReferenceTime(feedback.referenceTime, nowMs)
    if (feedback.bye) onBye()
  }
  return { counts, handle }
}
