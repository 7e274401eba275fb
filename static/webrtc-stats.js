/** What the browser counts of the picture it receives (W3C webrtc-stats), and what follows from two readings. */

export const readVideoStats = async (peer) => pickVideoStats(await peer.getStats())

/** Takes an RTCStatsReport; null before the first packet. Counters are of the whole session, times in milliseconds. */
export function pickVideoStats(reports) {
  const all = [...reports.values()]
  const inbound = all.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video')
  if (!inbound) return null
  const codec = reports.get(inbound.codecId)
  const pair =
    reports.get(reports.get(inbound.transportId)?.selectedCandidatePairId) ??
    all.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded')
  return {
    atMs: inbound.timestamp,
    framesDecoded: inbound.framesDecoded ?? 0,
    width: inbound.frameWidth ?? 0,
    height: inbound.frameHeight ?? 0,
    bytes: inbound.bytesReceived,
    packets: inbound.packetsReceived,
    lost: inbound.packetsLost,
    sentAgain: inbound.retransmittedPacketsReceived,
    decodeMs: inMs(inbound.totalDecodeTime),
    bufferMs: inMs(inbound.jitterBufferDelay),
    buffered: inbound.jitterBufferEmittedCount,
    freezes: inbound.freezeCount,
    frozenMs: inMs(inbound.totalFreezesDuration),
    mimeType: codec?.mimeType,
    parameters: codec?.sdpFmtpLine,
    roundTripMs: inMs(pair?.currentRoundTripTime),
  }
}

const inMs = (seconds) => (seconds === undefined ? undefined : seconds * 1000)

/** Frames a second between two readings; the browser's own figure is missing in some and jumps in others. */
export const framesPerSecond = (before, after) => perSecond(before, after, 'framesDecoded')

/** What happened between two readings, each null where the browser does not count it. */
export const between = (before, after) => ({
  fps: framesPerSecond(before, after),
  bitsPerSecond: times(8, perSecond(before, after, 'bytes')),
  decodeMsPerFrame: perOne(before, after, 'decodeMs', 'framesDecoded'),
  bufferMsPerFrame: perOne(before, after, 'bufferMs', 'buffered'),
})

const grown = (before, after, name) =>
  before?.[name] === undefined || after?.[name] === undefined ? null : after[name] - before[name]

const times = (factor, value) => (value === null ? null : factor * value)

function perSecond(before, after, name) {
  const much = grown(before, after, name)
  return much === null || after.atMs <= before.atMs ? null : (much * 1000) / (after.atMs - before.atMs)
}

function perOne(before, after, name, counter) {
  const [much, count] = [grown(before, after, name), grown(before, after, counter)]
  return much === null || !(count > 0) ? null : much / count
}
