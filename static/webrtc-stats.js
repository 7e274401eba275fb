// @ts-check
/** The browser's statistics of the received video (W3C webrtc-stats), and the rates between two readings. */

/**
 * @typedef {object} VideoStats counters of the whole session, times in milliseconds; undefined where the browser lacks them
 * @property {number} atMs
 * @property {number} framesDecoded
 * @property {number} width
 * @property {number} height
 * @property {number | undefined} [bytes]
 * @property {number | undefined} [packets]
 * @property {number | undefined} [lost]
 * @property {number | undefined} [retransmitted]
 * @property {number | undefined} [decodeMs]
 * @property {number | undefined} [bufferMs] in the jitter buffer
 * @property {number | undefined} [buffered] frames that left the jitter buffer
 * @property {number | undefined} [freezes]
 * @property {number | undefined} [frozenMs]
 * @property {string | undefined} [mimeType]
 * @property {string | undefined} [parameters] of SDP's fmtp line
 * @property {number | undefined} [roundTripMs]
 * @property {Path | undefined} [path] the selected pair
 */

/**
 * @typedef {object} Path the kinds of both candidates (host, srflx, prflx or relay), and how packets are sent
 * @property {string | undefined} local
 * @property {string | undefined} remote
 * @property {string | undefined} protocol udp or tcp
 * @property {string | undefined} [relayProtocol] to the TURN server: udp, tcp or tls
 */

/** @typedef {ReturnType<typeof rates>} VideoRates */

/** @param {RTCPeerConnection} peer */
export const readVideoStats = async (peer) => pickVideoStats(await peer.getStats())

/**
 * Null before the first packet.
 * @param {ReadonlyMap<string, any>} report an RTCStatsReport
 * @returns {VideoStats | null}
 */
export function pickVideoStats(report) {
  const all = [...report.values()]
  /** @type {(RTCInboundRtpStreamStats & { retransmittedPacketsReceived?: number }) | undefined} */
  const inbound = all.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video')
  if (!inbound) return null
  /** @type {{ mimeType?: string, sdpFmtpLine?: string } | undefined} */
  const codec = report.get(inbound.codecId ?? '')
  /** @type {RTCIceCandidatePairStats | undefined} */
  const pair =
    report.get(report.get(inbound.transportId ?? '')?.selectedCandidatePairId) ??
    all.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded')
  return {
    atMs: inbound.timestamp,
    framesDecoded: inbound.framesDecoded ?? 0,
    width: inbound.frameWidth ?? 0,
    height: inbound.frameHeight ?? 0,
    bytes: inbound.bytesReceived,
    packets: inbound.packetsReceived,
    lost: inbound.packetsLost,
    retransmitted: inbound.retransmittedPacketsReceived,
    decodeMs: inMs(inbound.totalDecodeTime),
    bufferMs: inMs(inbound.jitterBufferDelay),
    buffered: inbound.jitterBufferEmittedCount,
    freezes: inbound.freezeCount,
    frozenMs: inMs(inbound.totalFreezesDuration),
    mimeType: codec?.mimeType,
    parameters: codec?.sdpFmtpLine,
    roundTripMs: inMs(pair?.currentRoundTripTime),
    path: pair && pathOf(report.get(pair.localCandidateId), report.get(pair.remoteCandidateId)),
  }
}

/**
 * @param {{ candidateType?: string, relayProtocol?: string } | undefined} local
 * @param {{ candidateType?: string, protocol?: string } | undefined} remote
 * @returns {Path}
 */
const pathOf = (local, remote) => ({
  local: local?.candidateType,
  remote: remote?.candidateType,
  protocol: remote?.protocol,
  relayProtocol: local?.relayProtocol,
})

/** @param {number | undefined} seconds */
const inMs = (seconds) => (seconds === undefined ? undefined : seconds * 1000)

/** @typedef {Partial<VideoStats> & { atMs: number }} Reading */

/**
 * Frames per second between two readings; the browser's own value is missing in some browsers and erratic in others.
 * @param {Reading | null} before
 * @param {Reading} after
 */
export const framesPerSecond = (before, after) => perSecond(before, after, 'framesDecoded')

/**
 * The rates between two readings, null where the browser lacks the counter.
 * @param {Reading | null} before
 * @param {Reading} after
 */
export function rates(before, after) {
  const bytesPerSecond = perSecond(before, after, 'bytes')
  return {
    fps: framesPerSecond(before, after),
    bitsPerSecond: bytesPerSecond === null ? null : 8 * bytesPerSecond,
    decodeMsPerFrame: perCount(before, after, 'decodeMs', 'framesDecoded'),
    bufferMsPerFrame: perCount(before, after, 'bufferMs', 'buffered'),
  }
}

/** @typedef {'framesDecoded' | 'bytes' | 'decodeMs' | 'bufferMs' | 'buffered'} Counter */

/** @param {Reading | null} before @param {Reading} after @param {Counter} name */
function increase(before, after, name) {
  const [from, to] = [before?.[name], after[name]]
  return from === undefined || to === undefined ? null : to - from
}

/** @param {Reading | null} before @param {Reading} after @param {Counter} name */
function perSecond(before, after, name) {
  const amount = increase(before, after, name)
  const elapsedMs = after.atMs - (before?.atMs ?? after.atMs)
  return amount === null || elapsedMs <= 0 ? null : (amount * 1000) / elapsedMs
}

/** @param {Reading | null} before @param {Reading} after @param {Counter} name @param {Counter} counter */
function perCount(before, after, name, counter) {
  const [amount, count] = [increase(before, after, name), increase(before, after, counter)]
  return amount === null || count === null || count <= 0 ? null : amount / count
}
