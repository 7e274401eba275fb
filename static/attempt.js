// @ts-check
/**
 * One attempt to watch a camera: a WebSocket and a peer connection that only receives video, and sound if there is some. It sends the offer, applies the answer
 * and the candidates, and queues the server's messages until a session listens. Inlined into the page: the first offer needs it.
 * An inlined file imports nothing; the server leaves out the word export.
 */

/**
 * @typedef {import('../src/signalling/websocket-messages.js').ClientMessageJson} ClientMessageJson
 * @typedef {import('../src/signalling/websocket-messages.js').ServerMessage} ServerMessage
 * @typedef {(message: ServerMessage, receivedMs: number) => void} MessageListener
 * @typedef {object} Attempt
 * @property {WebSocket} socket
 * @property {RTCPeerConnection} peer
 * @property {(listener: MessageListener) => void} listen delivers the queued messages, then every further one
 * @property {Promise<MediaStreamTrack>} liveTrack the video of a live camera; rejects when there is a status to show instead
 * @property {boolean} claimed whether a session has taken over
 * @property {number} startedMs of performance.now()
 * @property {() => void} abandon closes the peer and ignores further messages; the socket stays open
 */

/**
 * @param {WebSocket} socket
 * @param {RTCIceServer[]} iceServers
 * @param {string} tab its secret, see tab.js
 * @param {boolean} hasAudio whether the camera has sound
 * @returns {Attempt}
 */
export function openAttempt(socket, iceServers, tab, hasAudio) {
  const startedMs = performance.now()
  const open = new AbortController()
  const { signal } = open
  const peer = openPeer(iceServers, hasAudio)
  const send = sendWhenOpen(socket)
  const { deliver, listen } = queueMessages()
  peer.addEventListener('icecandidate', ({ candidate }) => {
    if (!candidate || signal.aborted) return
    const { sdpMLineIndex, sdpMid } = candidate
    const iceCandidate = { candidate: candidate.candidate, sdpMLineIndex, sdpMid }
    send({ iceCandidate })
  })
  const failWith = (/** @type {string} */ code) => (/** @type {Error} */ error) =>
    deliver({ error: { code, message: error.message } }, performance.now())
  const offered = sendOffer(peer, send, tab).catch(failWith('bad-offer'))

  const notLive = new AbortController()
  /** @type {Promise<MediaStreamTrack>} */
  const liveTrack = new Promise((resolve, reject) => {
    peer.addEventListener('track', ({ track }) => track.kind === 'video' && resolve(track))
    socket.addEventListener('close', () => notLive.abort())
    notLive.signal.addEventListener('abort', () => reject(new Error('the camera is not live')))
  })
  liveTrack.catch(() => {}) // callers handle it where they wait

  /** @param {ServerMessage} message @param {number} receivedMs */
  async function handle(message, receivedMs) {
    if ('error' in message || ('camera' in message && message.camera.state !== 'live')) notLive.abort()
    if ('answer' in message) {
      await offered
      if (peer.signalingState === 'closed') return
      const applied = peer.setRemoteDescription(message.answer).then(() => true, failWith('bad-answer'))
      if (!(await applied)) return
    }
    if ('iceCandidate' in message) await peer.addIceCandidate(message.iceCandidate)
    deliver(message, receivedMs)
  }

  // One after the other: a candidate must not overtake the answer that it belongs to.
  let handled = Promise.resolve()
  /** @param {MessageEvent} event */
  function onMessage({ data }) {
    if (typeof data !== 'string') return // video over HTTP: see http-media.js
    const receivedMs = performance.now()
    handled = handled
      .then(() => (signal.aborted ? undefined : handle(JSON.parse(data), receivedMs)))
      .catch((error) => {
        if (!signal.aborted) console.warn(socket.url, error)
      })
  }
  socket.addEventListener('message', onMessage, { signal })
  function abandon() {
    open.abort()
    peer.close()
  }
  return { socket, peer, listen, liveTrack, claimed: false, startedMs, abandon }
}

/** @param {WebSocket} socket */
function sendWhenOpen(socket) {
  /** @type {string[]} */
  const unsent = []
  socket.addEventListener('open', () => unsent.splice(0).forEach((text) => socket.send(text)))
  return (/** @type {ClientMessageJson} */ message) => {
    const text = JSON.stringify(message)
    if (socket.readyState === WebSocket.CONNECTING) unsent.push(text)
    else socket.send(text)
  }
}

function queueMessages() {
  /** @type {Parameters<MessageListener>[]} */
  const queued = []
  /** @type {MessageListener} */
  let listener = (...message) => void queued.push(message)
  return {
    /** @type {MessageListener} */
    deliver: (...message) => listener(...message),
    listen: (/** @type {MessageListener} */ next) => {
      listener = next
      queued.splice(0).forEach((message) => next(...message))
    },
  }
}

/** @param {RTCIceServer[]} iceServers @param {boolean} hasAudio */
function openPeer(iceServers, hasAudio) {
  const peer = newPeer({ bundlePolicy: 'max-bundle', iceCandidatePoolSize: 1, iceServers })
  const { receiver } = peer.addTransceiver('video', { direction: 'recvonly' })
  // Show frames as they arrive: latency matters more than smoothness for a camera.
  if (receiver.jitterBufferTarget !== undefined) receiver.jitterBufferTarget = 0
  else if ('playoutDelayHint' in receiver) receiver.playoutDelayHint = 0
  if (hasAudio) peer.addTransceiver('audio', { direction: 'recvonly' })
  return peer
}

/** @param {RTCConfiguration} configuration */
function newPeer({ iceServers, ...rest }) {
  try {
    return new RTCPeerConnection({ ...rest, ...(iceServers && { iceServers }) })
  } catch (error) {
    console.warn('the browser rejects the ICE servers of the configuration; continuing without them', error)
    return new RTCPeerConnection(rest)
  }
}

/** @param {RTCPeerConnection} peer @param {(message: ClientMessageJson) => void} send @param {string} tab */
async function sendOffer(peer, send, tab) {
  const offer = await peer.createOffer()
  const withFeedback = requestFeedback(offer)
  send({ offer: withFeedback, tab })
  if (peer.signalingState === 'closed') return
  await peer.setLocalDescription(withFeedback).catch(async () => await peer.setLocalDescription(offer))
}

/**
 * A receive-only browser measures the round trip only if the offer asks for XR reports (RFC 3611 section 4.4). Otherwise Chromium
 * assumes 100 ms, and waits that long before it requests a packet again that was lost twice. For sound it requests lost packets only
 * if the offer says so.
 * @param {RTCSessionDescriptionInit} offer
 */
function requestFeedback({ sdp = '' }) {
  const sections = sdp.split(/^(?=m=)/m).map((section) => {
    if (section.startsWith('m=video')) return `${section}a=rtcp-fb:* rrtr\r\n`
    return section.replace(/^a=rtpmap:(\d+) opus\/48000\/2\r\n/m, '$&a=rtcp-fb:$1 nack\r\n')
  })
  return { type: /** @type {const} */ ('offer'), sdp: sections.join('') }
}
