/** What a viewer's page is told of its own path. */
export interface ViewerStatus {
  /** Pictures are being left out because this viewer's path cannot take the stream. */
  congested: boolean
  /** What its path carries, in bit/s, as far as is known. */
  estimateBps: number | undefined
}

/** What is counted of one viewer, from its start. */
export interface ViewerCounts {
  /** RTP packets and bytes of payload, without what was sent again. */
  packets: number
  octets: number
  /** Packets that it named as lost, and those that were sent again. */
  nacked: number
  retransmitted: number
  pli: number
  fir: number
  framesLeftOut: number
}

/** One viewer in figures. */
export interface ViewerStats extends ViewerCounts, ViewerStatus {
  /** Of the last report, 0 to 1. */
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
  framesLeftOut: 0,
})

/** Adds to `sum` what is counted in `counts`, which may hold more than counts. */
export function addCounts(sum: ViewerCounts, counts: ViewerCounts): void {
  for (const name of Object.keys(sum) as (keyof ViewerCounts)[]) sum[name] += counts[name]
}

/** A camera's viewers in figures. */
export interface CameraViewers {
  /** One for each that is live; nothing in them tells who it is. */
  viewers: ViewerStats[]
  /** Of all viewers since the start, also of those who left. */
  total: ViewerCounts
}

/** One figure for all viewers of a camera: sums, and of what cannot be added the worst. */
export function summarise({ viewers, total }: CameraViewers) {
  return {
    viewersCongested: viewers.filter(({ congested }) => congested).length,
    sentPackets: total.packets,
    sentBytes: total.octets,
    nackedPackets: total.nacked,
    retransmittedPackets: total.retransmitted,
    viewerKeyframeRequests: total.pli + total.fir,
    framesLeftOut: total.framesLeftOut,
    lowestEstimateBps: ascending(viewers.map(({ estimateBps }) => estimateBps)).at(0),
    highestRoundTripMs: ascending(viewers.map(({ roundTripMs }) => roundTripMs)).at(-1),
  }
}

const ascending = (values: (number | undefined)[]): number[] =>
  values.filter((value) => value !== undefined).sort((a, b) => a - b)
