/** All that the routes need of a push. */
export interface PushFacts {
  name: string
  state: string
  /** Whether /health is `degraded` unless it is live or idle. */
  required: boolean
  problem: { cause: string; message: string; hint: string } | undefined
  liveForMs: number | undefined
  retryInMs: number | undefined
  reconnects: number
  /** Since the start. */
  total: {
    packets: number
    octets: number
    nacked: number
    retransmitted: number
    keyframeRequests: number
    framesDropped: number
  }
  /** Undefined unless it is live. */
  path:
    | {
        congested: boolean
        availableBitrateBps: number | undefined
        fractionLost: number | undefined
        roundTripMs: number | undefined
        /** Whether packets go through a TURN server. */
        relayed: boolean
      }
    | undefined
}

const seconds = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : Math.round(ms / 100) / 10

/** Names as in /metrics. JSON omits unknown values. */
export const pushJson = ({
  name,
  state,
  required,
  problem,
  liveForMs,
  retryInMs,
  ...push
}: PushFacts): object => ({
  name,
  state,
  required,
  ...problem,
  live_for_seconds: seconds(liveForMs),
  retry_in_seconds: seconds(retryInMs),
  reconnects: push.reconnects,
  sent_packets: push.total.packets,
  sent_bytes: push.total.octets,
  retransmitted_packets: push.total.retransmitted,
  keyframe_requests: push.total.keyframeRequests,
  frames_dropped: push.total.framesDropped,
  congested: push.path?.congested,
  available_bitrate_bps: push.path?.availableBitrateBps,
  fraction_lost: push.path?.fractionLost,
  relayed: push.path?.relayed,
  round_trip_seconds: push.path?.roundTripMs === undefined ? undefined : push.path.roundTripMs / 1000,
})

/** Whether a required push does not play although it should. */
export const isMissing = ({ required, state }: Pick<PushFacts, 'required' | 'state'>): boolean =>
  required && state !== 'live' && state !== 'idle'
