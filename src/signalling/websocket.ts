import type { AboutClient } from './about-client.js'
import { AppError } from '../errors.js'
import type { Log } from '../log.js'
import type { IceServer } from './ice-servers.js'
import { mseEnding, MseStream, type MediaSocket, type MseViewers } from './mse.js'
import {
  parseClientMessage,
  type CameraState,
  type ClientMessage,
  type ServerMessage,
  type TimeAnswer,
} from './websocket-messages.js'
import type { Quality } from './quality.js'
import type { SignallingViewer } from './signalling-viewer.js'
import { messageOf } from '../lib/error-message.js'

/** RFC 6455 section 7.4.1: 1001 going away, 1008 policy violation; IANA registry: 1013 try again later. */
export const GOING_AWAY = 1001
export const TRY_AGAIN_LATER = 1013
export const POLICY_VIOLATION = 1008
/** Messages wait while the previous session of the socket ends. */
const MAX_WAITING_MESSAGES = 100

/** All this file needs of a WebSocket. */
export interface SignallingSocket extends MediaSocket {
  /** Of the client. */
  readonly address: string
  /** The addresses at which the client reached this server. */
  readonly reachedAt: readonly string[]
  /** Call it before parsing an offer. @throws AppError `too-many-offers`. */
  countOffer(): void
  send(text: string): void
  close(code: number, reason: string): void
  onMessage(listener: (text: string) => void): void
  onClose(listener: () => void): void
}

/** All this file needs of viewers. */
export interface SignallingViewers extends MseViewers {
  admit(
    camera: string,
    offerSdp: string,
    via: 'websocket',
    address: string,
    about: AboutClient,
  ): SignallingViewer
}

/** The camera's part of the answer to `time`. */
export type CameraMoment = Required<Pick<TimeAnswer, 'rtpTimestamp' | 'since'>>

/** All this file needs of a camera. */
export interface SignallingCamera {
  readonly key: string
  state(): CameraState
  onState(listener: (state: CameraState) => void): Disposable
  /** Undefined before its first packet. */
  now(): CameraMoment | undefined
  /** Aborted when the camera ends, with the reason `camera-removed` or `camera-changed`. */
  readonly signal?: AbortSignal
}

/**
 * Serves one client of one camera. A later offer replaces the session; an invalid message only gets an error.
 * @param iceServers with fresh credentials, for the next connection of the client.
 */
export function serveSignalling(
  socket: SignallingSocket,
  camera: SignallingCamera,
  viewers: SignallingViewers,
  log: Log,
  iceServers: readonly IceServer[] = [],
): void {
  const send = (message: ServerMessage): void => socket.send(JSON.stringify(message))
  let viewer: SignallingViewer | undefined
  let changes: Disposable[] = []
  /** Of the latest offer. */
  let tab: string | undefined
  let quality: Quality | undefined
  let isSoundOn = false
  let closed = false
  let waiting = 0
  let queue = Promise.resolve()

  const stopReporting = (): void => {
    for (const change of changes.splice(0)) change[Symbol.dispose]()
  }

  const sendError = (error: unknown): void => {
    if (!(error instanceof AppError))
      log.error('signalling failed', { error: error instanceof Error ? error.stack : String(error) })
    const { code, message } =
      error instanceof AppError ? error : { code: 'internal', message: 'something went wrong on the server' }
    send({ error: { code, message } })
    if (isTryAgainLater(error) && !mse.isActive) socket.close(TRY_AGAIN_LATER, code)
  }

  /** A rejected offer leaves the previous session alone. If all slots are in use, the offer gets the slot of that session. */
  const replaceViewer = async (sdp: string): Promise<SignallingViewer | undefined> => {
    const previous = viewer
    const admit = (): SignallingViewer => {
      viewer = viewers.admit(camera.key, sdp, 'websocket', socket.address, {
        reachedAt: socket.reachedAt,
        tab,
        quality,
        client: socket,
      })
      viewer.setSound(isSoundOn)
      return viewer
    }
    let admitted: SignallingViewer
    try {
      admitted = admit()
    } catch (error) {
      if (previous === undefined || !isTryAgainLater(error)) throw error
      viewer = undefined
      await previous.dismiss()
      return closed ? undefined : admit()
    }
    await previous?.dismiss()
    return admitted
  }

  const acceptOffer = async (sdp: string): Promise<void> => {
    socket.countOffer()
    const admitted = await replaceViewer(sdp)
    if (admitted === undefined || closed) return
    send({ answer: { type: 'answer', sdp: admitted.answerSdp } })
    for (const iceCandidate of admitted.candidates) send({ iceCandidate })
    stopReporting()
    changes = [
      admitted.onCandidate((iceCandidate) => send({ iceCandidate })),
      admitted.onStatus(({ congested, availableBitrateBps: bps, size }) =>
        send({
          viewer: {
            congested,
            ...(size && { size }),
            ...(bps !== undefined && { availableBitrateBps: bps, estimateBps: bps }),
          },
        }),
      ),
    ]
    void admitted.ended.then((reason) => {
      if (viewer !== admitted || closed) return
      viewer = undefined
      stopReporting()
      if (admitted.failure !== undefined) send({ connectFailure: admitted.failure })
      if (reason === 'removed') return closeRemoved()
      if (reason === 'replaced') return closeReplaced()
      if (reason === 'camera-full') return sendError(slotsFilled())
      if (reason === 'superseded') return send({ error: { code: reason, message: SUPERSEDED } })
      send({ error: { code: 'session-ended', message: `the session ended: ${reason}` } })
    })
  }

  const mse = new MseStream({
    socket,
    camera: camera.key,
    viewers,
    tab: () => tab,
    begin: (mimeType) => send({ mse: { mimeType } }),
    onEnded: (code) => {
      if (code === 'removed') closeRemoved()
      else if (code === 'replaced') closeReplaced()
      else if (!closed) send({ mse: { error: { code, message: mseEnding(code) } } })
    },
  })
  /** An error concerns the stream alone: WebRTC may still connect. */
  const setMse = (isWanted: boolean): void => {
    try {
      if (isWanted) mse.start()
      else mse.stop()
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      send({ mse: { error: { code: error.code, message: error.message } } })
    }
  }

  const sendTime = (clientMs: number): void =>
    send({ time: { clientMs, serverMs: performance.timeOrigin + performance.now(), ...camera.now() } })

  const handle = async (message: Exclude<ClientMessage, { type: 'time' }>): Promise<void> => {
    switch (message.type) {
      case 'offer':
        tab = message.tab
        return await acceptOffer(message.sdp)
      case 'candidate':
        if (viewer === undefined)
          throw new AppError('no-session', 404, 'there is no session: send an offer first')
        return viewer.addCandidate(message.candidate)
      case 'page-left':
        mse.stop('page-left')
        return await viewer?.dismiss('page-left')
      case 'connecting': {
        const connectFailure = viewer?.explain(message.report)
        return connectFailure && send({ connectFailure })
      }
      case 'quality':
        quality = message.quality
        return viewer?.setQuality(quality)
      case 'sound':
        isSoundOn = message.isOn
        return viewer?.setSound(isSoundOn)
      case 'mse':
        return setMse(message.isWanted)
      default:
        return message satisfies never
    }
  }

  if (iceServers.length > 0) send({ iceServers: [...iceServers] })
  socket.onMessage((text) => {
    let message: ClientMessage
    try {
      message = parseClientMessage(text)
    } catch (error) {
      send({ error: { code: 'bad-message', message: messageOf(error) } })
      return
    }
    // Not queued: the client would measure the delay as network latency.
    if (message.type === 'time') return sendTime(message.clientMs)
    if (waiting >= MAX_WAITING_MESSAGES)
      return send({ error: { code: 'too-many-messages', message: 'messages come too fast' } })
    waiting++
    queue = queue
      .then(async () => await handle(message))
      .catch(sendError)
      .finally(() => waiting--)
  })

  const closeReplaced = (): void => {
    send({ error: { code: 'replaced', message: 'the same tab connected again' } })
    socket.close(POLICY_VIOLATION, 'replaced')
  }

  const closeRemoved = (): void => {
    send({ error: { code: 'removed', message: 'an administrator ended this session' } })
    socket.close(POLICY_VIOLATION, 'removed')
  }

  const closeWithCamera = (): void => {
    const code = camera.signal?.reason === 'camera-removed' ? 'camera-removed' : 'camera-changed'
    send({ error: { code, message: CAMERA_ENDED[code] } })
    socket.close(GOING_AWAY, code)
  }

  const stateChanges = camera.onState((state) => send({ camera: state }))
  camera.signal?.addEventListener('abort', closeWithCamera)
  socket.onClose(() => {
    closed = true
    camera.signal?.removeEventListener('abort', closeWithCamera)
    stateChanges[Symbol.dispose]()
    stopReporting()
    void viewer?.dismiss()
    mse.stop()
  })
  send({ camera: camera.state() })
  if (camera.signal?.aborted === true) closeWithCamera()
}

const CAMERA_ENDED = {
  'camera-removed': 'this camera was removed from the configuration',
  'camera-changed': 'the settings of this camera have changed: connect again',
}

const SUPERSEDED = 'this session did not connect or was silent, and another viewer received its slot'

/** Other viewers filled the slots while this client was connecting. */
const slotsFilled = (): AppError =>
  new AppError('camera-full', 503, 'other viewers connected first; try again later')

/** A limit on viewers is reached: `camera-full`, `server-full` or `too-many-connecting`. */
const isTryAgainLater = (error: unknown): boolean => error instanceof AppError && error.status === 503
