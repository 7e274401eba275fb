// @ts-check
/** One session with a camera: a WebSocket and an RTCPeerConnection, opened and closed together. */

const connectDeadlineMs = 8000
/** RFC 6455 section 7.4.1 and its IANA registry: try again later. */
const TRY_AGAIN_LATER = 1013

/**
 * @typedef {import('../src/signalling/websocket-messages.js').ClientMessageJson} ClientMessageJson
 * @typedef {import('../src/signalling/websocket-messages.js').ServerMessage} ServerMessage
 * @typedef {{ code: string, message: string }} SessionError
 *
 * @typedef {object} SessionEvents
 * @property {(track: MediaStreamTrack) => void} track
 * @property {(camera: import('../src/signalling/websocket-messages.js').CameraState) => void} camera
 * @property {(status: import('../src/signalling/websocket-messages.js').ViewerStatus) => void} viewer
 * @property {(servers: RTCIceServer[]) => void} iceServers for the next session
 * @property {(exchange: import('./latency.js').Exchange) => void} time
 * @property {() => void} answered
 * @property {() => void} connected
 * @property {(error: SessionError) => void} ended at most once, and last
 */

/**
 * No event follows close().
 * @param {string} url
 * @param {RTCIceServer[]} iceServers
 * @param {SessionEvents} on
 */
export function openSession(url, iceServers, on) {
  const open = new AbortController()
  const { signal } = open
  const { socket, peer, listen } = window.boot.claimAttempt(url, iceServers)
  /** @type {SessionError | null} */
  let serverError = null
  let answered = false

  const deadline = setTimeout(
    () => end('no-connection', 'The server did not answer in time'),
    connectDeadlineMs,
  )

  /** @param {{ pageLeaves?: boolean }} [how] */
  function close({ pageLeaves = false } = {}) {
    open.abort()
    clearTimeout(deadline)
    if (pageLeaves) sendPageLeft()
    socket.close()
    // The browser closes the peer with the page. Its goodbye must not overtake the message.
    if (pageLeaves) setTimeout(() => peer.close())
    else peer.close()
  }

  /** The server keeps the slot of this tab for some seconds, because the page may be loaded again. */
  function sendPageLeft() {
    /** @type {ClientMessageJson} */
    const message = { pageLeft: true }
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
  }

  /** @param {string} code @param {string} message */
  function end(code, message) {
    if (signal.aborted) return
    open.abort()
    try {
      on.ended({ code, message }) // before closing, so that the last frame can be kept
    } finally {
      close()
    }
  }

  /** Only on an open socket: a delayed request would falsify the measurement. */
  function requestTime() {
    if (socket.readyState !== WebSocket.OPEN) return
    /** @type {ClientMessageJson} */
    const message = { time: { clientMs: performance.now() } }
    socket.send(JSON.stringify(message))
  }

  /** @param {ServerMessage} message @param {number} receivedMs */
  function onMessage(message, receivedMs) {
    if (signal.aborted) return
    if ('time' in message) on.time({ ...message.time, sentMs: message.time.clientMs, receivedMs })
    if ('camera' in message) on.camera(message.camera)
    if ('viewer' in message) on.viewer(message.viewer)
    if ('iceServers' in message) on.iceServers(message.iceServers)
    if ('answer' in message) {
      answered = true
      on.answered()
    }
    if ('error' in message) {
      serverError = message.error
      // Before the answer the error is about the offer; after it about a candidate, which ends nothing.
      if (!answered) end(serverError.code, serverError.message)
    }
  }

  function onConnectionState() {
    if (peer.connectionState === 'failed') end('no-connection', 'The connection was lost')
    if (peer.connectionState !== 'connected') return
    clearTimeout(deadline)
    on.connected()
  }

  socket.addEventListener(
    'close',
    ({ code }) => {
      if (code === TRY_AGAIN_LATER) end('camera-full', '')
      else end(serverError?.code ?? 'closed', serverError?.message ?? 'The connection to the server was lost')
    },
    { signal },
  )
  peer.addEventListener('connectionstatechange', onConnectionState, { signal })
  peer.addEventListener('track', ({ track }) => on.track(track), { signal })
  // An attempt that began earlier may be answered or connected already. The caller gets the session before its first event.
  queueMicrotask(() => {
    if (signal.aborted) return
    listen(onMessage)
    const track = peer.getReceivers()[0]?.track
    if (peer.remoteDescription && track) on.track(track)
    onConnectionState()
  })
  return { peer, close, requestTime }
}
