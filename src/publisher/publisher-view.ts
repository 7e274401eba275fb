import type { IncomingStream } from './incoming-stream.js'

/** A client that publishes, as /metrics and the owner's page show it. */
export interface PublisherView {
  camera: string
  /** As signalling sees it; empty if that does not know. */
  address: string
  transport: 'udp' | 'tcp'
  /** Since its offer. */
  forMs: number
  /** Undefined until packets can arrive. */
  connectedForMs: number | undefined
  /** Over the last second. */
  bitrateBps: number | undefined
  /** In our last report, before retransmission, from 0 to 1. */
  fractionLost: number | undefined
  jitterMs: number | undefined
}

/** Of one camera, over all its publishers since the start. */
export interface PublisherCounts {
  /** Publishers that connected. */
  connections: number
  packets: number
  octets: number
  retransmitted: number
  /** Missing packets that arrived in time. */
  recovered: number
  /** Packets that are missing for good. */
  lost: number
  keyframeRequests: number
}

export const noPublisherCounts = (): PublisherCounts => ({
  connections: 0,
  packets: 0,
  octets: 0,
  retransmitted: 0,
  recovered: 0,
  lost: 0,
  keyframeRequests: 0,
})

/** @param incoming undefined for one that is not connected. */
export const withPublisher = (sum: PublisherCounts, incoming: IncomingStream | undefined): PublisherCounts =>
  incoming === undefined
    ? sum
    : {
        connections: sum.connections + 1,
        packets: sum.packets + incoming.packets,
        octets: sum.octets + incoming.octets,
        retransmitted: sum.retransmitted + incoming.retransmitted,
        recovered: sum.recovered + incoming.recovered,
        lost: sum.lost + incoming.givenUp,
        keyframeRequests: sum.keyframeRequests + incoming.keyframeRequests,
      }
