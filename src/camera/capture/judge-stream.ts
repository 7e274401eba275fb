import type { CameraFailure } from '../camera-failure.js'
import { toPublisher } from './publisher-texts.js'
import type { Source, StreamFacts } from './stream-facts.js'
import * as texts from './stream-texts.js'

/** `pending` until a keyframe that can be decoded, or a reason why there is no picture. */
export type Verdict =
  | { state: 'pending' }
  | { state: 'fine'; warnings: CameraFailure[] }
  | { state: 'bad'; failure: CameraFailure }

const NO_KEYFRAME_MS = 10_000
/** A sender that obeys a keyframe request does so within this time. */
export const ANSWER_MS = 2000
/** Parameter sets may arrive once, a little after the first keyframe. */
const BARE_MS = 1000
/** A sender with longer intervals than this is not waited for, whatever it did before. */
const MAX_INTERVAL_MS = 60_000
/** 1200 bytes and what SRTP, RTX, header extensions, UDP and IPv6 add are 1280, which every IPv6 path carries. */
const MAX_PACKET_BYTES = 1200
/** profile_idc: baseline, main and high. */
const BROWSER_PROFILES = [66, 77, 100]

/** Whether viewers get a picture from a stream, and what is wrong with it. Pure. */
export function judgeStream(facts: StreamFacts, source: Source, nowMs: number): Verdict {
  const bad = (failure: CameraFailure): Verdict => ({ state: 'bad', failure: toPublisher(failure, source) })
  const { format, keyframeAtMs, bareKeyframeAtMs, sps } = facts
  if (facts.packets === 0) {
    if (facts.other === undefined || facts.other.kind === 'stream') return { state: 'pending' }
    return bad(texts.wrongFormat(facts.other.kind, 0, source))
  }
  const hasKeyframe = keyframeAtMs !== undefined
  // Another start of a camera that encodes itself would wait as long, and learn its interval never.
  const limitMs =
    hasKeyframe && source.port === undefined
      ? MAX_INTERVAL_MS
      : Math.min(MAX_INTERVAL_MS, Math.max(NO_KEYFRAME_MS, facts.keyframeGapMs * 1.5))
  const waitedMs = nowMs - (keyframeAtMs ?? facts.sinceMs)
  if (format !== undefined) {
    // An encoder may send units that no other does. Parameter sets and IDR pictures are proof enough.
    const isProven = source.codec === 'h264' && hasKeyframe && sps !== undefined && format === 'unknown'
    if (format !== source.codec && !isProven) return bad(texts.wrongFormat(format, facts.payloadType, source))
    const isBare = bareKeyframeAtMs !== undefined && bareKeyframeAtMs > (keyframeAtMs ?? 0)
    if (isBare && waitedMs > BARE_MS) return bad(texts.noParameterSets(facts.missing))
    if (sps !== undefined && !BROWSER_PROFILES.includes(sps.profile))
      return bad(texts.unsupportedProfile(sps.profile, source))
  }
  if (waitedMs > limitMs + (hasKeyframe ? ANSWER_MS : 0)) return bad(texts.noKeyframe(hasKeyframe, source))
  if (facts.hasBFrames && source.port === undefined) return bad(texts.bFrames(source))
  if (!hasKeyframe || format === undefined) return { state: 'pending' }
  return { state: 'fine', warnings: warningsOf(facts, source) }
}

/** Whether the sender should be asked for a keyframe. @param requestedAtMs when it was asked last. */
export function needsKeyframe(facts: StreamFacts, requestedAtMs: number, nowMs: number): boolean {
  if (facts.packets === 0 || nowMs - requestedAtMs < ANSWER_MS) return false
  return facts.keyframeAtMs === undefined || nowMs - facts.keyframeAtMs > NO_KEYFRAME_MS
}

function warningsOf(facts: StreamFacts, source: Source): CameraFailure[] {
  const { other, largestPacketBytes, keyframeGapMs } = facts
  const warnings = [
    ...(facts.hasBFrames ? [texts.bFrames(source)] : []),
    ...(keyframeGapMs > NO_KEYFRAME_MS ? [texts.rareKeyframes(keyframeGapMs, source)] : []),
    ...(largestPacketBytes > MAX_PACKET_BYTES ? [texts.largePackets(largestPacketBytes, source)] : []),
    ...(other === undefined ? [] : [texts.twoSources(other, source)]),
  ]
  return warnings.map((warning) => toPublisher(warning, source))
}
