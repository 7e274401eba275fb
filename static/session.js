// @ts-check
/**
 * One session with a camera: a WebSocket and an RTCPeerConnection, opened and closed together. While the camera is shown over HTTP,
 * the socket stays and one peer connection follows another until one of them connects.
 */

import { peerRetryMs } from './backoff.js'
import { reportUntilPlaying } from './connect-report.js'
import { openHttpMedia } from './http-media.js'
import { watchSocket } from './socket-watch.js'

const connectDeadlineMs = 8000
/** WebRTC takes 0.3 s where it works. After this long the camera is shown over HTTP meanwhile. */
const fallbackMs = 1000
/** On a slow network the answer comes late, and what follows it too. */
const fallbackAfterAnswerMs = 500
/** RFC 6455 section 7.4.1 and its IANA registry: try again later. */
const TRY_AGAIN_LATER = 1013
/** @type {Record<'noPath' | 'noAnswer' | 'peerLost' | 'connectionLost', SessionError>} */
const errors = {
  noPath: { code: 'no-connection', message: '', key: 'tile.error.no-path' },
  noAnswer: { code: 'no-connection', message: '', key: 'tile.error.no-answer' },
  peerLost: { code: 'no-connection', message: '', key: 'tile.error.peer-lost' },
  connectionLost: { code: 'closed', message: '', key: 'tile.error.connection-lost' },
}
/** @type {SessionError} */
export const noPicture = { code: 'no-picture', message: '' }
/** Limits on viewers, each with a sentence of its own. */
const limits = ['camera-full', 'server-full', 'too-many-connecting']
/** The server gave up waiting for the peer connection. */
const attemptErrors = ['session-ended', 'superseded']

/**
 * @typedef {import('../src/signalling/websocket-messages.js').ClientMessageJson} ClientMessageJson
 * @typedef {import('../src/signalling/websocket-messages.js').ServerMessage} ServerMessage
 * @typedef {object} SessionError
 * @property {string} code
 * @property {string} message in English, for codes without words; "" where there are words
 * @property {string} [hint]
 * @property {boolean} [isFinal]
 * @property {string} [key] of the words, if it is not that of the code
 * @property {string} [hintKey]
 * @property {import('./words.js').Parameters} [parameters] of the words
 *
 * @typedef {object} SessionEvents
 * @property {(video: MediaStreamTrack, audio?: MediaStreamTrack) => void} track of a camera, the second if it has sound
 * @property {(camera: import('../src/signalling/websocket-messages.js').CameraState) => void} camera
 * @property {(status: import('../src/signalling/websocket-messages.js').ViewerStatus) => void} viewer
 * @property {(servers: RTCIceServer[]) => void} iceServers for the next session
 * @property {(exchange: import('./latency.js').Exchange) => void} time
 * @property {() => void} answered
 * @property {(failure: import('../src/signalling/websocket-messages.js').ConnectFailure) => void} connectFailure why WebRTC does not connect
 * @property {() => void} connected
 * @property {(refusal?: SessionError) => void} slow WebRTC has not connected in time, or never will
 * @property {() => void} peerReplaced
 * @property {(error: SessionError) => void} ended at most once, and last
 */

/** Which limit a server has reached that asks to try again later. A proxy may drop the reason. @param {string} reason of the close */
export const limitOf = (reason) => (limits.includes(reason) ? reason : 'camera-full')

/**
 * No event follows close().
 * @param {string} url
 * @param {RTCIceServer[]} iceServers
 * @param {boolean} hasAudio whether the camera has sound
 * @param {Pick<import('./tile-context.js').TileContext, 'claimAttempt' | 'openAttempt'>} context
 * @param {SessionEvents} on
 */
export function openSession(url, iceServers, hasAudio, context, on) {
  const open = new AbortController()
  const { signal } = open
  let attempt = context.claimAttempt(url, iceServers, hasAudio)
  const { socket } = attempt
  const silence = watchSocket(socket, signal, () => end(errors.connectionLost))
  /** @type {SessionError | null} */
  let serverError = null
  let answered = false
  let failures = 0
  let keepsSocket = false
  let pageLeaves = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let deadline
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let fallback
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry
  let stopReports = () => {}

  function stopTimers() {
    stopReports()
    clearTimeout(deadline)
    clearTimeout(fallback)
    clearTimeout(retry)
    retry = undefined
  }

  function close() {
    open.abort()
    stopTimers()
    socket.close()
    // The browser closes the peer with the page. Its goodbye must not overtake the message.
    if (pageLeaves) setTimeout(() => attempt.abandon())
    else attempt.abandon()
  }

  /** Only on an open socket. @param {ClientMessageJson} message */
  function send(message) {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
  }

  /** Before close(): the server keeps the slot of this tab for some seconds, because the page may be loaded again. */
  function leavePage() {
    pageLeaves = true
    send({ pageLeft: true })
  }

  /** @param {SessionError} error */
  function end(error) {
    if (signal.aborted) return
    open.abort()
    try {
      on.ended(error) // before closing, so that the last frame can be kept
    } finally {
      close()
    }
  }

  /** Ends the session, or only its peer connection while the camera is shown over HTTP. @param {SessionError} error */
  function fail(error) {
    if (!keepsSocket || socket.readyState !== WebSocket.OPEN) return end(error)
    if (retry !== undefined) return
    stopTimers()
    attempt.abandon()
    retry = setTimeout(nextAttempt, peerRetryMs(failures++))
  }

  function nextAttempt() {
    clearTimeout(retry)
    retry = undefined
    attempt = context.openAttempt(socket, iceServers, hasAudio)
    attempt.claimed = true
    silence.expectMessage()
    answered = false
    watch()
    on.peerReplaced()
  }

  /** A delayed request would falsify the measurement. */
  const requestTime = () => send({ time: { clientMs: performance.now() } })

  /** @param {ServerMessage} message @param {number} receivedMs */
  function onMessage(message, receivedMs) {
    if (signal.aborted) return
    if ('time' in message) on.time({ ...message.time, sentMs: message.time.clientMs, receivedMs })
    if ('camera' in message) on.camera(message.camera)
    if ('viewer' in message) on.viewer(message.viewer)
    if ('iceServers' in message) {
      iceServers = message.iceServers
      on.iceServers(message.iceServers)
    }
    if ('connectFailure' in message) on.connectFailure(message.connectFailure)
    if ('answer' in message) onAnswer(receivedMs)
    if ('error' in message) onError(message.error)
  }

  /** @param {number} receivedMs */
  function onAnswer(receivedMs) {
    answered = true
    on.answered()
    stopReports()
    stopReports = reportUntilPlaying(attempt.peer, (connecting) => send({ connecting }))
    const atMs = Math.max(attempt.startedMs + fallbackMs, receivedMs + fallbackAfterAnswerMs)
    if (attempt.peer.connectionState !== 'connected')
      fallback = setTimeout(() => on.slow(), atMs - performance.now())
  }

  /** Before the answer an error is about the offer; after it, if it is about a candidate, it ends nothing. @param {SessionError} error */
  function onError(error) {
    serverError = error
    // Another decoder may serve for video over HTTP, and JPEGs need none.
    if (!answered && error.code === 'no-common-codec') {
      stopTimers()
      return on.slow(error)
    }
    if (!answered || (keepsSocket && attemptErrors.includes(error.code))) fail(error)
  }

  /** Follows the current peer connection. */
  function watch() {
    const { peer, listen } = attempt
    deadline = setTimeout(() => fail(answered ? errors.noPath : errors.noAnswer), connectDeadlineMs)
    const isCurrent = () => !signal.aborted && attempt.peer === peer
    function onConnectionState() {
      if (peer.connectionState === 'failed') fail(errors.peerLost)
      if (peer.connectionState !== 'connected') return
      clearTimeout(deadline)
      clearTimeout(fallback)
      on.connected()
    }
    peer.addEventListener('connectionstatechange', () => isCurrent() && onConnectionState())
    peer.addEventListener('track', ({ track }) => {
      if (isCurrent() && track.kind === 'video') on.track(track, audioOf(peer))
    })
    // An attempt that began earlier may be answered or connected already. The caller gets the session before its first event.
    queueMicrotask(() => {
      if (!isCurrent()) return
      listen(onMessage)
      const track = peer.getReceivers()[0]?.track
      if (peer.remoteDescription && track) on.track(track, audioOf(peer))
      onConnectionState()
    })
  }

  socket.addEventListener(
    'close',
    ({ code, reason }) => {
      if (code === TRY_AGAIN_LATER) end({ code: limitOf(reason), message: '' })
      else end(serverError ?? errors.connectionLost)
    },
    { signal },
  )
  watch()
  return {
    get peer() {
      return attempt.peer
    },
    close,
    leavePage,
    requestTime,
    /** @param {import('../src/signalling/quality.js').Quality} quality */
    askFor: (quality) => send({ quality }),
    /** @param {boolean} sound whether it is heard */
    playSound: (sound) => send({ sound }),
    /** The peer connection is of no use. */
    failPeer: () => fail(noPicture),
    /** Does not wait for the next peer connection. */
    retryNow: () => retry !== undefined && nextAttempt(),
    /** The camera is shown over HTTP until the result is closed. @param {import('./http-media.js').MediaEvents} events */
    openMedia: (events) => openHttpMedia(socket, events),
    /** @param {boolean} keeps whether a failed peer connection is followed by another on the same socket */
    keepSocket(keeps) {
      keepsSocket = keeps
      if (!keeps) failures = 0
      else if (socket.readyState === WebSocket.OPEN) {
        requestTime()
        silence.expectMessage()
      }
    },
  }
}

/** Of an answer that is applied: without sound its section is rejected, or has no direction. @param {RTCPeerConnection} peer */
const audioOf = (peer) =>
  peer
    .getTransceivers()
    .find(
      ({ receiver, currentDirection }) => receiver.track.kind === 'audio' && currentDirection === 'recvonly',
    )?.receiver.track
