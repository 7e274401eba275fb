// @ts-check
/**
 * The age of a frame when it is displayed, from the offset between the server's clock and ours and from RTP timestamps. Pure. All
 * times are in milliseconds; those not named serverMs are of performance.now().
 */

const ticksPerMs = 90 // RFC 7741 section 4.1, RFC 6184 section 5.1
const keptExchanges = 8
/** After this the clocks have drifted by more than a network path makes uncertain. */
const keptMs = 60_000
/** Values outside come from clocks that do not belong together. */
const plausible = { fromMs: -50, toMs: 60_000 }
/** Before as many exchanges a single slow one decides; half of its round trip is the error of the clock offset. */
const wantedExchanges = 4
const mostErrorMs = 20

/**
 * @typedef {import('../src/signalling/websocket-messages.js').TimeAnswer} TimeAnswer
 * @typedef {Omit<TimeAnswer, 'clientMs'> & { sentMs: number, receivedMs: number }} Exchange one request for the time
 * @typedef {{ rtpTimestamp: number, shownMs: number }} Frame
 */

/**
 * The recent exchanges with the new one, which is last.
 * @param {readonly Exchange[]} exchanges
 * @param {Exchange} exchange
 */
export const addExchange = (exchanges, exchange) =>
  [...exchanges.filter(({ receivedMs }) => exchange.receivedMs - receivedMs < keptMs), exchange].slice(
    -keptExchanges,
  )

/** @param {Exchange} exchange */
const roundTripMs = ({ sentMs, receivedMs }) => receivedMs - sentMs

/**
 * How far the server's clock is ahead of ours, or null while that is uncertain; the shortest round trip is the least uncertain
 * (RFC 5905 section 10).
 * @param {readonly Exchange[]} exchanges
 */
export function offsetMs(exchanges) {
  if (exchanges.length < wantedExchanges) return null
  const best = exchanges.reduce((least, each) => (roundTripMs(each) <= roundTripMs(least) ? each : least))
  if (roundTripMs(best) / 2 >= mostErrorMs) return null
  return best.serverMs - (best.sentMs + best.receivedMs) / 2
}

/**
 * From capture to display, or null if implausible. Slightly below zero when the clock offset is wrong by more than the delay.
 * @param {{ serverMs: number, rtpTimestamp: number }} reference of the newest exchange: a restarted camera has new timestamps
 * @param {number} offset of offsetMs(), which a restart does not change
 * @param {Frame} frame
 */
export function latencyMs({ serverMs, rtpTimestamp }, offset, frame) {
  const nowTicks = rtpTimestamp + Math.round((frame.shownMs + offset - serverMs) * ticksPerMs)
  const ms = ((nowTicks - frame.rtpTimestamp) | 0) / ticksPerMs // signed difference modulo 2^32
  return ms > plausible.fromMs && ms < plausible.toMs ? ms : null
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}
