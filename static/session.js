/** One try at watching a camera: one WebSocket and one RTCPeerConnection, opened together and closed together, once. */

const { takeAttempt } = window.boot
const connectDeadlineMs = 8000

/**
 * `on` hears: track(track), camera({state, ...}), viewer({congested, estimateBps}), time({sentMs, receivedMs, serverMs, ...}),
 * answered(), connected(), and at most once, last, ended({code, message}). Nothing is heard after close().
 */
export function openSession(url, iceServers, on) {
  const listening = new AbortController()
  const heard = { signal: listening.signal }
  const { socket, peer, listen } = takeAttempt(url, iceServers)
  let refusal = null
  let answered = false

  const deadline = setTimeout(
    () => end('no-connection', 'The server did not answer in time'),
    connectDeadlineMs,
  )

  function close() {
    listening.abort()
    clearTimeout(deadline)
    peer.close()
    socket.close()
  }

  function end(code, message) {
    if (listening.signal.aborted) return
    listening.abort()
    try {
      on.ended({ code, message }) // before closing: the last frame can still be had
    } finally {
      close()
    }
  }

  /** What is not sent at once would be answered for another moment: then it is not asked. */
  function askTime() {
    if (socket.readyState !== WebSocket.OPEN) return
    socket.send(JSON.stringify({ time: { clientMs: performance.now() } }))
  }

  socket.addEventListener(
    'close',
    ({ code }) => {
      if (code === 1013) end('camera-full', '')
      else end(refusal?.code ?? 'closed', refusal?.message ?? 'The connection to the server was lost')
    },
    heard,
  )
  function hear(message, receivedMs) {
    if (listening.signal.aborted) return
    if (message.time) on.time({ ...message.time, sentMs: message.time.clientMs, receivedMs })
    if (message.camera) on.camera(message.camera)
    if (message.viewer) on.viewer(message.viewer)
    if (message.answer) {
      answered = true
      on.answered()
    }
    if (message.error) {
      refusal = message.error
      // Before the answer it is the offer that was refused; after it, some candidate, which ends nothing.
      if (!answered) end(refusal.code, refusal.message)
    }
  }

  function lookAtConnection() {
    if (peer.connectionState === 'failed') end('no-connection', 'The connection was lost')
    if (peer.connectionState !== 'connected') return
    clearTimeout(deadline)
    on.connected()
  }

  peer.addEventListener('connectionstatechange', lookAtConnection, heard)
  peer.addEventListener('track', ({ track }) => on.track(track), heard)
  // An attempt that was begun ahead may have come this far already. Whoever opens a session has it before it hears of it.
  window.queueMicrotask(() => {
    if (listening.signal.aborted) return
    listen(hear)
    if (peer.remoteDescription) on.track(peer.getReceivers()[0].track)
    lookAtConnection()
  })
  return { peer, close, askTime }
}
