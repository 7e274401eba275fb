/**
 * Runs alone, before the other modules are even here: the first offers are made, and on their way, while those still load.
 * The first session of each camera takes its attempt over; later ones begin their own.
 */

/** "camera1" on /camera1/, undefined on the page of all cameras. */
export const cameraOfPage = /^\/(camera\d+)(\/|$)/.exec(location.pathname)?.[1]

/** What the server says of itself and its cameras: asked for once, at once. */
export const configAhead = fetchConfigOnce('default')
configAhead.catch(() => {}) // told to whoever waits for it

export const socketUrl = (path) =>
  `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}${path}`

/** A camera on the same network needs no ICE servers, so no picture waits long for them; the next session has them. */
const iceServersWaitMs = 150

const attempts = new Map()
let peerAhead = window.RTCPeerConnection ? openPeer() : null
if (peerAhead) begin()

/**
 * One try at watching a camera: a socket, and a peer connection that only receives video. It offers as soon as it can, takes the
 * answer and the candidates, and keeps what else the server says until somebody listens.
 */
export function takeAttempt(url, iceServers) {
  const attempt = attempts.get(url)
  attempts.delete(url)
  if (attempt && attempt.socket.readyState <= WebSocket.OPEN) return attempt
  attempt?.peer.close()
  return openAttempt(url, iceServers)
}

export async function fetchConfigOnce(cache) {
  const response = await fetch('/api/config', { cache })
  if (!response.ok) throw new Error(`/api/config answers ${response.status}`)
  return await response.json()
}

function begin() {
  const open = (path) => {
    const url = socketUrl(path)
    attempts.set(
      url,
      openAttempt(url, async () => (await configAhead).ice_servers ?? []),
    )
  }
  if (cameraOfPage) return open(`/${cameraOfPage}/ws`)
  configAhead.then(({ cameras }) => cameras.forEach(({ ws }) => open(ws))).catch(() => {})
}

function openAttempt(url, iceServers) {
  const socket = new WebSocket(url)
  const peer = peerAhead ?? openPeer()
  peerAhead = null
  const unsent = []
  const send = (message) => {
    const text = JSON.stringify(message)
    if (socket.readyState === WebSocket.CONNECTING) unsent.push(text)
    else socket.send(text)
  }
  socket.addEventListener('open', () => unsent.splice(0).forEach((text) => socket.send(text)))
  peer.addEventListener('icecandidate', ({ candidate }) => {
    if (!candidate) return
    const { candidate: line, sdpMLineIndex, sdpMid } = candidate
    send({ iceCandidate: { candidate: line, sdpMLineIndex, sdpMid } })
  })
  const failed = (code) => (error) => tell({ error: { code, message: error.message } }, performance.now())
  const described = describe(peer, send, iceServers).catch(failed('bad-offer'))

  const early = []
  let tell = (...said) => early.push(said)
  /** One after the other: a candidate must not overtake the answer it belongs to. */
  let reading = Promise.resolve()
  socket.addEventListener('message', ({ data }) => {
    const receivedMs = performance.now()
    reading = reading
      .then(() => take(JSON.parse(data), receivedMs))
      .catch((error) => console.warn(url, error))
  })

  async function take(message, receivedMs) {
    if (message.answer) {
      await described
      if (peer.signalingState === 'closed') return
      const taken = peer.setRemoteDescription(message.answer).then(() => true, failed('bad-answer'))
      if (!(await taken)) return
    }
    if (message.iceCandidate) await peer.addIceCandidate(message.iceCandidate)
    tell(message, receivedMs)
  }

  /** `listener(message, receivedMs)` hears what the server says, beginning with what it has said. */
  function listen(listener) {
    tell = listener
    early.splice(0).forEach((said) => listener(...said))
  }

  return { socket, peer, listen }
}

function openPeer() {
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
  const { receiver } = peer.addTransceiver('video', { direction: 'recvonly' })
  // Show a frame when it comes. Smoothness bought with delay is the wrong bargain for a camera.
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0
  else if ('playoutDelayHint' in receiver) receiver.playoutDelayHint = 0
  return peer
}

async function describe(peer, send, iceServers) {
  const offer = await peer.createOffer()
  const asking = askingForRoundTrip(offer)
  send({ offer: asking })
  const waited = new Promise((resolve) => setTimeout(resolve, iceServersWaitMs, []))
  useIceServers(peer, await Promise.race([iceServers().catch(() => []), waited]))
  if (peer.signalingState === 'closed') return
  await peer.setLocalDescription(asking).catch(async () => await peer.setLocalDescription(offer))
}

/**
 * A browser that only receives learns the round trip from reports it has to ask for (RFC 3611 section 4.4). Without, Chromium
 * takes it for 100 ms, and waits that long before it asks again for a packet that was lost twice.
 */
const askingForRoundTrip = ({ sdp }) => ({ type: 'offer', sdp: `${sdp}a=rtcp-fb:* rrtr\r\n` })

function useIceServers(peer, iceServers) {
  if (iceServers.length === 0 || peer.signalingState === 'closed') return
  try {
    peer.setConfiguration({ ...peer.getConfiguration(), iceServers })
  } catch (error) {
    console.warn('the ICE servers of the configuration are not understood', error)
  }
}
