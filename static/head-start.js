/**
 * Runs alone, before the other modules are even here: what takes the browser longest (a peer connection with its keys
 * and offer, a WebSocket) is under way while they load. The first session takes both over; later ones find new ones.
 */

/** "camera1" on /camera1/, undefined on the page of all cameras. */
export const cameraOfPage = /^\/(camera\d+)(\/|$)/.exec(location.pathname)?.[1]

export const socketUrl = (path) =>
  `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}${path}`

const supported = Boolean(window.RTCPeerConnection)
let peerAhead = supported ? openPeer() : null
let socketAhead = supported && cameraOfPage ? openSocket(socketUrl(`/${cameraOfPage}/ws`)) : null

/** A peer connection that only receives video, and the promise of its offer. */
export function takePeer() {
  const taken = peerAhead ?? openPeer()
  peerAhead = null
  return taken
}

/** A socket, and the messages that came before anybody listened. */
export function takeSocket(url) {
  const { socket, early, hear } = socketAhead ?? openSocket(url)
  socketAhead = null
  socket.removeEventListener('message', hear)
  return socket.readyState > WebSocket.OPEN ? { socket: new WebSocket(url), early: [] } : { socket, early }
}

function openSocket(url) {
  const socket = new WebSocket(url)
  const early = []
  const hear = ({ data }) => early.push(data)
  socket.addEventListener('message', hear)
  return { socket, early, hear }
}

function openPeer() {
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
  const { receiver } = peer.addTransceiver('video', { direction: 'recvonly' })
  // Show a frame when it comes. Smoothness bought with delay is the wrong bargain for a camera.
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0
  else if ('playoutDelayHint' in receiver) receiver.playoutDelayHint = 0
  return { peer, offer: peer.createOffer() }
}
