import type { CandidateStats, Reading, RemotePage } from './browse.js'

/** How the displayed video arrives. */
export type Path = 'UDP' | 'TCP' | 'TURN over UDP' | 'TURN over TCP' | 'HTTP' | 'none'

export type ExpectedPath = Path | 'WebRTC'

export const isAsExpected = (path: Path, expected: ExpectedPath): boolean =>
  expected === 'WebRTC' ? path !== 'HTTP' && path !== 'none' : path === expected

export interface Outcome {
  path: Path
  /** The selected candidate pair; empty without WebRTC. */
  pair: string
  /** From the beginning to the first displayed frame, on any path. */
  firstS: number | undefined
  /** To the first displayed frame of WebRTC. */
  webrtcS: number | undefined
  longestGapS: number
  /** What the tile says to the user. */
  sentence: string
}

/** Longer than an attempt at each step of the page's back-off. */
const LIMIT_MS = 60_000
const FRAMES = 20
/** Without a frame, after which there is no path. */
const STILL_MS = 20_000
/** Of peer connections, after which WebRTC counts as impossible. */
const ATTEMPTS = 3
/** Of the last one: a network seldom changes in the moment in which an attempt begins. */
const ATTEMPT_AGE_MS = 2000

export function pathOf({ state, isOverHttp, pair }: Reading): Path {
  if (state !== 'live') return 'none'
  if (isOverHttp) return 'HTTP'
  const { candidateType, relayProtocol } = pair?.local ?? {}
  if (candidateType === 'relay') return relayProtocol === 'tcp' ? 'TURN over TCP' : 'TURN over UDP'
  return pair?.remote.protocol === 'tcp' ? 'TCP' : 'UDP'
}

const kindOf = ({ candidateType = '?', address = '' }: CandidateStats): string =>
  `${candidateType} ${address}`.trim()

/** Follows a page until frames arrive on a path that stays, or it has failed often enough. @param fromMs of {@link Reading.nowMs} */
export async function awaitOutcome(page: RemotePage, fromMs = 0, attemptsBefore = 0): Promise<Outcome> {
  const endMs = performance.now() + LIMIT_MS
  let reading = await page.read(fromMs)
  const isSettled = (): boolean => {
    const { frames, attempts, attemptAgeMs, silentMs } = reading
    if (pathOf(reading) === 'none') return silentMs > STILL_MS
    if (pathOf(reading) === 'HTTP')
      return frames.http > 0 && attempts >= attemptsBefore + ATTEMPTS && attemptAgeMs > ATTEMPT_AGE_MS
    return frames.webrtc >= FRAMES
  }
  while (!isSettled() && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    reading = await page.read(fromMs)
  }
  const { firstMs, longestGapMs, pair, sentence } = reading
  const path = pathOf(reading)
  const isWebrtc = path !== 'HTTP' && path !== 'none'
  const secondsTo = (...times: (number | undefined)[]): number | undefined => {
    const known = times.filter((time) => time !== undefined)
    return known.length === 0 ? undefined : (Math.min(...known) - fromMs) / 1000
  }
  return {
    path,
    pair: isWebrtc && pair !== undefined ? `${kindOf(pair.local)} - ${kindOf(pair.remote)}` : '',
    firstS: secondsTo(firstMs.webrtc, firstMs.http),
    webrtcS: secondsTo(firstMs.webrtc),
    longestGapS: longestGapMs / 1000,
    sentence: isWebrtc ? '' : sentence,
  }
}
