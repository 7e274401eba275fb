/** One try at watching a camera: one WebSocket and one RTCPeerConnection, opened together and closed together, once. */

import { takePeer, takeSocket } from './head-start.js'

const connectDeadlineMs = 8000

/**
 * `on` hears: track(track), camera({state, ...}), viewer({congested, estimateBps}), time({sentMs, receivedMs, serverMs, ...}),
 * answered(), connected(), and at most once, last, ended({code, message}). Nothing is heard after close().
 */
export function openSession(url, iceServers, on) {
  const listening = new AbortController()
  const heard = { signal: listening.signal }
  const { socket, early } = takeSocket(url)
  const { peer, offer } = takePeer()
  const outbox = []
  let refusal = null
  let answered = false
  let reading = Promise.resolve()

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

  function send(message) {
    const text = JSON.stringify(message)
    if (socket.readyState === WebSocket.OPEN) socket.send(text)
    else outbox.push(text)
  }

  /** What is not sent at once would be answered for another moment: then it is not asked. */
  function askTime() {
    if (socket.readyState !== WebSocket.OPEN) return
    socket.send(JSON.stringify({ time: { clientMs: performance.now() } }))
  }

  socket.addEventListener('open', () => outbox.splice(0).forEach((text) => socket.send(text)), heard)
  socket.addEventListener(
    'close',
    ({ code }) => {
      if (code === 1013) end('camera-full', '')
      else end(refusal?.code ?? 'closed', refusal?.message ?? 'The connection to the server was lost')
    },
    heard,
  )
  socket.addEventListener('message', ({ data }) => hear(data), heard)

  /** One after the other: a candidate must not overtake the answer it belongs to. */
  function hear(text) {
    const receivedMs = performance.now()
    reading = reading
      .then(() => read(JSON.parse(text), receivedMs))
      .catch((error) => console.warn(url, error))
  }

  async function read(message, receivedMs) {
    if (listening.signal.aborted) return
    if (message.time) on.time({ ...message.time, sentMs: message.time.clientMs, receivedMs })
    if (message.camera) on.camera(message.camera)
    if (message.viewer) on.viewer(message.viewer)
    if (message.answer) {
      await peer.setRemoteDescription(message.answer).catch((error) => end('bad-answer', error.message))
      if (listening.signal.aborted) return
      answered = true
      on.answered()
    }
    if (message.iceCandidate) await peer.addIceCandidate(message.iceCandidate)
    if (message.error) {
      refusal = message.error
      // Before the answer it is the offer that was refused; after it, some candidate, which ends nothing.
      if (!answered) end(refusal.code, refusal.message)
    }
  }

  peer.addEventListener(
    'icecandidate',
    ({ candidate }) => {
      if (!candidate) return
      const { candidate: line, sdpMLineIndex, sdpMid } = candidate
      send({ iceCandidate: { candidate: line, sdpMLineIndex, sdpMid } })
    },
    heard,
  )
  peer.addEventListener(
    'connectionstatechange',
    () => {
      if (peer.connectionState === 'failed') end('no-connection', 'The connection was lost')
      if (peer.connectionState !== 'connected') return
      clearTimeout(deadline)
      on.connected()
    },
    heard,
  )
  peer.addEventListener('track', ({ track }) => on.track(track), heard)

  async function makeOffer() {
    const description = await offer
    // The configuration was asked for with the page itself and is nearly always here by now.
    const servers = await iceServers()
    if (listening.signal.aborted) return
    useIceServers(servers)
    const asking = askingForRoundTrip(description)
    send({ offer: asking })
    await peer.setLocalDescription(asking).catch(async () => await peer.setLocalDescription(description))
  }

  function useIceServers(servers) {
    if (servers.length === 0) return
    try {
      peer.setConfiguration({ ...peer.getConfiguration(), iceServers: servers })
    } catch (error) {
      console.warn('the ICE servers of the configuration are not understood', error)
    }
  }

  early.forEach(hear)
  makeOffer().catch((error) => end('bad-offer', error.message))
  return { peer, close, askTime }
}

/**
 * A browser that only receives learns the round trip from reports it has to ask for (RFC 3611 section 4.4). Without, Chromium
 * takes it for 100 ms, and waits that long before it asks again for a packet that was lost twice.
 */
const askingForRoundTrip = ({ sdp }) => ({ type: 'offer', sdp: `${sdp}a=rtcp-fb:* rrtr\r\n` })
