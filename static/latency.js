/**
 * How old a picture is when it is seen: from the server's clock against ours, and the camera's timestamps against the server's.
 * Pure. Times are milliseconds as performance.now() counts them, but for the server's.
 */

const ticksPerMs = 90 // RFC 7741 section 4.1, RFC 6184 section 5.1
const keptExchanges = 8
/** Older than this, two clocks have drifted apart by more than a way of some milliseconds makes uncertain. */
const keptMs = 60_000
/** What is outside of these is no delay but two clocks that do not belong together. */
const plausible = { fromMs: -50, toMs: 60_000 }

/**
 * An exchange is {sentMs, receivedMs, serverMs}, and since the camera's first packet {rtpTimestamp, since} as well.
 * Returns those that are still of use, the newest last.
 */
export const remember = (exchanges, exchange) =>
  [...exchanges.filter(({ receivedMs }) => exchange.receivedMs - receivedMs < keptMs), exchange].slice(
    -keptExchanges,
  )

const roundTripMs = ({ sentMs, receivedMs }) => receivedMs - sentMs

/** What the server's clock is ahead of ours: the exchange with the shortest way is the least uncertain (RFC 5905 section 10). */
export function offsetMs(exchanges) {
  const best = exchanges.reduce((least, each) => (roundTripMs(each) <= roundTripMs(least) ? each : least))
  return best.serverMs - (best.sentMs + best.receivedMs) / 2
}

/**
 * From capture to display. `moment` is the newest exchange with a timestamp: which timestamp the camera gives at which server
 * time changes when its process is started again, the offset of the clocks does not.
 * Returns null for what cannot be true.
 */
export function delayMs({ serverMs, rtpTimestamp }, offset, frame) {
  const nowTicks = rtpTimestamp + Math.round((frame.shownMs + offset - serverMs) * ticksPerMs)
  const ms = ((nowTicks - frame.rtpTimestamp) | 0) / ticksPerMs // modulo 2^32, the nearer way round
  return ms > plausible.fromMs && ms < plausible.toMs ? Math.max(0, ms) : null
}

export function median(values) {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
