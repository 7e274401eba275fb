// @ts-check
/** What this browser knows of a peer connection that does not play. The server finds the cause with it. */

/** @typedef {import('../src/signalling/websocket-messages.js').BrowserReport} BrowserReport */

/** After the answer. A first check takes 2 to 3 s over a slow mobile network, and 0.1 s elsewhere. */
const firstMs = 2000
const intervalMs = 3000
const maxReports = 8

/**
 * Sends a report now and then, until a frame is decoded or the result is called.
 * @param {RTCPeerConnection} peer @param {(report: BrowserReport) => void} send
 */
export function reportUntilPlaying(peer, send) {
  let left = maxReports
  let timer = setTimeout(report, firstMs)
  let isStopped = false
  async function report() {
    const stats = await peer.getStats().catch(() => null)
    if (!stats || isStopped || peer.connectionState === 'closed') return
    const now = connectReport(stats)
    if (now.framesDecoded > 0) return
    send(now)
    if (--left > 0) timer = setTimeout(report, intervalMs)
  }
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}

const dtlsStates = /** @type {const} */ (['new', 'connecting', 'connected', 'closed', 'failed'])

/** @param {ReadonlyMap<string, any>} stats an RTCStatsReport @returns {BrowserReport} */
export function connectReport(stats) {
  const all = [...stats.values()]
  const ofType = (/** @type {string} */ wanted) => all.filter(({ type }) => type === wanted)
  const pairs = ofType('candidate-pair')
  const video = ofType('inbound-rtp').find(({ kind }) => kind === 'video')
  const candidates = (/** @type {string} */ kind) =>
    ofType('local-candidate').filter(({ candidateType }) => candidateType === kind).length
  const sum = (/** @type {string} */ name) => pairs.reduce((total, pair) => total + count(pair[name]), 0)
  const { dtlsState } = ofType('transport')[0] ?? {}
  return {
    host: candidates('host'),
    srflx: candidates('srflx') + candidates('prflx'),
    relay: candidates('relay'),
    pairs: pairs.length,
    requestsSent: sum('requestsSent'),
    responsesReceived: sum('responsesReceived'),
    requestsReceived: sum('requestsReceived'),
    dtls: dtlsStates.find((state) => state === dtlsState) ?? 'new',
    packetsReceived: count(video?.packetsReceived),
    bytesReceived: count(video?.bytesReceived),
    packetsLost: count(video?.packetsLost),
    framesDecoded: count(video?.framesDecoded),
  }
}

/** Browsers lack some counters, and packetsLost may be negative. @param {unknown} value */
const count = (value) => (typeof value === 'number' && value > 0 ? Math.round(value) : 0)
