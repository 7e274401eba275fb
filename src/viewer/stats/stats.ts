/** Sent to the viewer's page. */
export interface ViewerStatus {
  /** Frames are dropped because the path cannot carry the stream. */
  congested: boolean
  /** W3C availableOutgoingBitrate. */
  availableBitrateBps: number | undefined
  /** Which of the camera's two encodes is sent; undefined if it has one. */
  size?: 'high' | 'low' | undefined
}

export interface ViewerCounts {
  /** Without retransmissions; octets are payload. */
  packets: number
  octets: number
  nacked: number
  retransmitted: number
  pli: number
  fir: number
  /** W3C framesDropped. */
  framesDropped: number
}

/** What carries a viewer's media: UDP or TCP, of ICE or of RTSP, or the fallback over HTTP. */
export type Transport = 'udp' | 'tcp' | 'http'

export interface ViewerStats extends ViewerCounts, ViewerStatus {
  transport: Transport
  /** Without WebRTC, over `transport`. */
  isRtsp?: true
  fractionLost: number | undefined
  roundTripMs: number | undefined
}

export const noCounts = (): ViewerCounts => ({
  packets: 0,
  octets: 0,
  nacked: 0,
  retransmitted: 0,
  pli: 0,
  fir: 0,
  framesDropped: 0,
})

/** @param counts may have other fields. */
export function addCounts(sum: ViewerCounts, counts: ViewerCounts): void {
  for (const name of Object.keys(sum) as (keyof ViewerCounts)[]) sum[name] += counts[name]
}

export interface CameraViewers {
  /** Of the live viewers, without their identity. */
  viewers: ViewerStats[]
  /** Of all viewers since the start. */
  total: ViewerCounts
}

/** Sums, and the worst value of what cannot be added. */
export function summarise({ viewers, total }: CameraViewers) {
  return {
    viewersCongested: viewers.filter(({ congested }) => congested).length,
    viewersLow: viewers.filter(({ size }) => size === 'low').length,
    viewersTcp: viewers.filter(({ transport, isRtsp }) => transport === 'tcp' && !isRtsp).length,
    viewersHttp: viewers.filter(({ transport }) => transport === 'http').length,
    viewersRtsp: viewers.filter(({ isRtsp }) => isRtsp).length,
    sentPackets: total.packets,
    sentBytes: total.octets,
    nackedPackets: total.nacked,
    retransmittedPackets: total.retransmitted,
    viewerKeyframeRequests: total.pli + total.fir,
    framesDropped: total.framesDropped,
    lowestAvailableBitrateBps: ascending(viewers.map(({ availableBitrateBps }) => availableBitrateBps)).at(0),
    highestRoundTripMs: ascending(viewers.map(({ roundTripMs }) => roundTripMs)).at(-1),
  }
}

const ascending = (values: (number | undefined)[]): number[] =>
  values.filter((value) => value !== undefined).sort((a, b) => a - b)
