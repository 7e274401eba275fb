import type { AboutClient } from '../about-client.js'
import { AppError } from '../../errors.js'
import type { Log } from '../../log.js'
import {
  parseCandidateValue,
  parseCodecsValue,
  parseGo2rtcMessage,
  parseOfferValue,
  parseSdpValue,
} from './messages.js'
import { mseEnding, MseStream, type MseViewers } from '../mse.js'
import type { SignallingViewer } from '../signalling-viewer.js'
import { GOING_AWAY, POLICY_VIOLATION, type SignallingSocket } from '../websocket.js'

/** All this file needs of viewers. */
export interface Go2rtcSocketViewers extends MseViewers {
  admit(
    camera: string,
    offerSdp: string,
    via: 'go2rtc',
    address: string,
    about: AboutClient,
  ): Pick<SignallingViewer, 'answerSdp' | 'candidates' | 'onCandidate' | 'addCandidate' | 'dismiss'>
}

/**
 * go2rtc's WebSocket, `/api/ws?src=camera1`: `webrtc/offer` has the SDP as its value, `webrtc` a description object. go2rtc closes the
 * socket as soon as the session is connected, so closing does not end the session. `mse` has the codecs of the client as its value: the
 * answer is the type of the binary messages that follow, which end with the socket.
 */
export function serveGo2rtc(
  socket: SignallingSocket,
  camera: string,
  viewers: Go2rtcSocketViewers,
  log: Log,
): void {
  const send = (type: string, value: unknown): void => socket.send(JSON.stringify({ type, value }))
  let viewer: ReturnType<Go2rtcSocketViewers['admit']> | undefined
  let newCandidates: Disposable | undefined

  const answer = (offerSdp: string, sendAnswer: (answerSdp: string) => void): void => {
    socket.countOffer()
    const previous = viewer
    viewer = viewers.admit(camera, offerSdp, 'go2rtc', socket.address, {
      reachedAt: socket.reachedAt,
      client: socket,
    })
    void previous?.dismiss()
    sendAnswer(viewer.answerSdp)
    for (const { candidate } of viewer.candidates) send('webrtc/candidate', candidate)
    newCandidates?.[Symbol.dispose]()
    newCandidates = viewer.onCandidate(({ candidate }) => send('webrtc/candidate', candidate))
  }

  let hasType = false
  const mse = new MseStream({
    socket,
    camera,
    viewers,
    begin: (mimeType) => {
      // A second type would make go2rtc's page open a second buffer. Browsers accept another profile in the first one.
      if (!hasType) send('mse', mimeType)
      hasType = true
    },
    onEnded: (reason) => {
      send('error', `mse: ${mseEnding(reason)}`)
      socket.close(reason === 'removed' ? POLICY_VIOLATION : GOING_AWAY, reason)
    },
  })
  const startMse = (codecs: string): void => {
    if (codecs !== '' && !/\bavc[13]\./.test(codecs))
      throw new AppError('mse-unsupported', 415, 'the camera sends H.264, which the client does not list')
    hasType = false
    mse.start()
  }

  const handle = (type: string, value: unknown): void => {
    switch (type) {
      case 'webrtc/offer':
        return answer(parseSdpValue(value), (sdp) => send('webrtc/answer', sdp))
      case 'webrtc':
        return answer(parseOfferValue(value), (sdp) => send('webrtc', { type: 'answer', sdp }))
      case 'webrtc/candidate':
        return viewer?.addCandidate(parseCandidateValue(value))
      case 'mse':
        return startMse(parseCodecsValue(value))
      default:
        throw new AppError('unsupported', 400, 'this server supports WebRTC and MSE only')
    }
  }

  socket.onMessage((text) => {
    let type = 'message'
    try {
      const message = parseGo2rtcMessage(text)
      type = message.type
      handle(type, message.value)
    } catch (error) {
      if (!(error instanceof AppError))
        log.error('signalling failed', { error: error instanceof Error ? error.stack : String(error) })
      const reason = error instanceof AppError ? error.message : 'something went wrong on the server'
      send('error', `${type}: ${reason}`)
    }
  })
  socket.onClose(() => {
    newCandidates?.[Symbol.dispose]()
    mse.stop()
  })
}
