/** All that the routes need of a client that publishes to a camera. */
export interface PublisherFacts {
  camera: string
  address: string
  transport: 'udp' | 'tcp'
  /** Since its offer. */
  forMs: number
  /** Undefined until packets can arrive. */
  connectedForMs: number | undefined
  bitrateBps: number | undefined
  fractionLost: number | undefined
  jitterMs: number | undefined
}

/** Of one camera, over all its publishers since the start. */
export interface PublisherCounts {
  connections: number
  packets: number
  octets: number
  retransmitted: number
  recovered: number
  lost: number
  keyframeRequests: number
}

/** What clients publish to one camera. */
export interface PublicationFacts {
  /** Undefined while nobody publishes. */
  publisher: PublisherFacts | undefined
  counts: PublisherCounts
}

/** Names as in /metrics. JSON omits unknown values. */
export const publisherJson = (publisher: PublisherFacts, counts: PublisherCounts): object => ({
  camera: publisher.camera,
  address: publisher.address === '' ? undefined : publisher.address,
  transport: publisher.transport,
  for_seconds: Math.floor(publisher.forMs / 1000),
  connected: publisher.connectedForMs !== undefined,
  ...(publisher.connectedForMs !== undefined && {
    connected_seconds: Math.floor(publisher.connectedForMs / 1000),
    bitrate_bps: publisher.bitrateBps,
    fraction_lost: publisher.fractionLost,
    jitter_seconds: publisher.jitterMs === undefined ? undefined : publisher.jitterMs / 1000,
    received_packets: counts.packets,
    received_bytes: counts.octets,
    recovered_packets: counts.recovered,
    lost_packets: counts.lost,
    keyframe_requests: counts.keyframeRequests,
  }),
})
