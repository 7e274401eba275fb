import type { PushProblem } from './push-error.js'
import type { SessionStats } from './session.js'

/**
 * `idle`: nobody watches here, and `when` is "watched". `waiting`: the camera does not deliver. `retrying`: the last attempt failed,
 * and another one follows.
 */
export type PushState = 'idle' | 'waiting' | 'connecting' | 'live' | 'retrying'

/** A push as /health, /metrics and the owner's page show it. Nothing in it is secret. */
export interface PushView {
  name: string
  state: PushState
  required: boolean
  /** Of the last attempt; undefined while it plays. */
  problem: PushProblem | undefined
  /** How long it plays; undefined unless it is live. */
  liveForMs: number | undefined
  /** Until the next attempt; undefined unless it waits for it. */
  retryInMs: number | undefined
  /** Sessions after the first one. */
  reconnects: number
  /** Since the start, over all sessions. */
  total: PushCounts
  /** Of the present session; undefined unless it is live. */
  path:
    | Pick<SessionStats, 'congested' | 'availableBitrateBps' | 'fractionLost' | 'roundTripMs' | 'relayed'>
    | undefined
}

export interface PushCounts {
  packets: number
  octets: number
  nacked: number
  retransmitted: number
  /** PLI and FIR. */
  keyframeRequests: number
  framesDropped: number
}

export const noPushCounts = (): PushCounts => ({
  packets: 0,
  octets: 0,
  nacked: 0,
  retransmitted: 0,
  keyframeRequests: 0,
  framesDropped: 0,
})

export function withSession(sum: PushCounts, stats: SessionStats | undefined): PushCounts {
  if (stats === undefined) return sum
  return {
    packets: sum.packets + stats.packets,
    octets: sum.octets + stats.octets,
    nacked: sum.nacked + stats.nacked,
    retransmitted: sum.retransmitted + stats.retransmitted,
    keyframeRequests: sum.keyframeRequests + stats.pli + stats.fir,
    framesDropped: sum.framesDropped + stats.framesDropped,
  }
}
