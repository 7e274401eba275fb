import { parseAddress, type RtspAddress } from './address.js'
import type { Authentication } from './authentication.js'
import type { MediaOutput } from './media-output.js'
import type { InterleavedFrame } from './message-reader.js'
import { ReaderSession, type RtspCameras } from './reader-session.js'
import type { RtspRequest } from './request.js'
import { OK, type RtspResponse } from './response.js'
import { RtspError } from './rtsp-error.js'
import { AUDIO_TRACK, writeSdp } from './sdp.js'
import { doCollide, parseTransport, type WantedTransport } from './transport-header.js'

/** RFC 2326 section 12.37 */
export const SESSION_TIMEOUT_S = 60

const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER'
const ALLOW = { Allow: METHODS }
const LIVE_RANGE = 'npt=now-'

export interface RtspClientOptions {
  cameras: RtspCameras
  authentication: Authentication
  /** Of the client, and at which it reached this server. */
  address: string
  localAddress: string
  /** @throws AppError above the limit. */
  countSetup: (address: string) => void
  openOutput: (wanted: WantedTransport) => Promise<MediaOutput>
  /** Resolves when the connection is closed. */
  lost: Promise<unknown>
  /** Called when this server ended the reader. */
  onEnded: (reason: string) => void
}

/** Answers the requests of one connection, one after the other, and holds its session. */
export class RtspClient {
  readonly #options: RtspClientOptions
  #session: ReaderSession | undefined
  /** Of the video. */
  #wanted: WantedTransport | undefined
  #isClosed = false

  constructor(options: RtspClientOptions) {
    this.#options = options
  }

  get session(): ReaderSession | undefined {
    return this.#session
  }

  /** @throws RtspError, AppError */
  async answer(request: RtspRequest): Promise<RtspResponse> {
    const { method, uri, headers } = request
    if (request.sequence === undefined) throw new RtspError(400, 'CSeq is missing')
    const required = headers.get('require')
    if (required !== undefined)
      throw new RtspError(551, 'no option is supported', { Unsupported: required.slice(0, 200) })
    const address = uri === '*' ? undefined : parseAddress(uri)
    if (method !== 'OPTIONS') {
      const challenge = await this.#options.authentication.check({
        method,
        authorization: headers.get('authorization'),
        token: address?.token,
      })
      if (challenge !== undefined) return challenge
    }
    this.#session?.output.noteRequest()
    switch (method) {
      case 'OPTIONS':
        return { status: 200, headers: { Public: METHODS } }
      case 'DESCRIBE':
        return await this.#describe(cameraIn(address), headers.get('accept'))
      case 'SETUP':
        return await this.#setUp(cameraIn(address), request)
      case 'PLAY':
        return this.#play(this.#sessionOf(request))
      case 'PAUSE':
        await this.#sessionOf(request).pause()
        return this.#ok()
      case 'TEARDOWN':
        await this.#sessionOf(request).close()
        this.#session = undefined
        return OK
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        if (headers.has('session')) this.#sessionOf(request)
        return this.#ok()
      case 'ANNOUNCE':
      case 'RECORD':
        throw new RtspError(405, 'this server only sends', ALLOW)
      default:
        throw new RtspError(501, 'this method is unknown', ALLOW)
    }
  }

  async #describe({ camera, base }: RtspAddress, accept = '*/*'): Promise<RtspResponse> {
    if (!/application\/(?:sdp|\*)|\*\/\*/i.test(accept))
      throw new RtspError(406, 'a description is application/sdp')
    const stream = await this.#options.cameras.describe(camera)
    return {
      status: 200,
      headers: { 'Content-Base': base, 'Content-Type': 'application/sdp', 'Cache-Control': 'no-cache' },
      body: writeSdp(stream, this.#options.localAddress),
    }
  }

  /** A further SETUP of the video replaces the session: ffmpeg so changes from UDP to TCP. That of the sound belongs to it. */
  async #setUp({ camera, base, track }: RtspAddress, request: RtspRequest): Promise<RtspResponse> {
    const { cameras, address, countSetup, openOutput, lost, onEnded } = this.#options
    cameras.requireCamera(camera)
    const isAudio = track === AUDIO_TRACK
    if (isAudio && !cameras.hasAudio(camera)) throw new RtspError(404, 'this camera has no sound')
    const playing = isAudio ? this.#sessionOf(request) : undefined
    if (playing?.isPlaying === true || (playing !== undefined && playing.base !== base))
      throw new RtspError(
        455,
        'the sound is set up after the video of the same camera, and before PLAY',
        ALLOW,
      )
    const wanted = parseTransport(request.headers.get('transport') ?? '', isAudio ? '2-3' : undefined)
    if (wanted === undefined)
      throw new RtspError(461, 'RTP/AVP and RTP/AVP/TCP are supported, unicast, to ports from 1024')
    if (isAudio && this.#wanted !== undefined && doCollide(wanted, this.#wanted))
      throw new RtspError(461, 'the sound needs other channels or ports than the video')
    countSetup(address)
    if (playing === undefined) {
      await this.#session?.close()
      this.#session = undefined
    }
    const output = await openOutput(wanted).catch(() => {
      throw new RtspError(461, 'no UDP ports are free: select TCP')
    })
    if (this.#isClosed) output.close() // the connection was closed meanwhile
    if (playing !== undefined)
      return { status: 200, headers: { ...this.#sessionHeader(), Transport: playing.addAudio(output) } }
    this.#wanted = wanted
    this.#session = new ReaderSession({ cameras, camera, address, base, output, lost, onEnded })
    return { status: 200, headers: { ...this.#sessionHeader(), Transport: this.#session.transport } }
  }

  #play(session: ReaderSession): RtspResponse {
    const info = session.isPlaying ? {} : { 'RTP-Info': session.play() }
    return {
      status: 200,
      headers: { ...this.#sessionHeader(), Range: LIVE_RANGE, ...info },
      afterwards: () => session.start(),
    }
  }

  #sessionOf({ headers }: RtspRequest): ReaderSession {
    const session = this.#session
    if (session === undefined) throw new RtspError(455, 'SETUP comes first', ALLOW)
    const id = headers.get('session')?.split(';', 1)[0]!.trim()
    if (id !== session.id) throw new RtspError(454, 'this session does not exist or has ended')
    return session
  }

  #ok(): RtspResponse {
    return { status: 200, headers: this.#sessionHeader() }
  }

  #sessionHeader(): Record<string, string> {
    const session = this.#session
    return session === undefined ? {} : { Session: `${session.id};timeout=${SESSION_TIMEOUT_S}` }
  }

  onFrame(frame: InterleavedFrame): void {
    this.#session?.onFrame(frame)
  }

  /** The connection is closed. */
  close(): void {
    this.#isClosed = true
    this.#session?.abandon()
    this.#session = undefined
  }
}

function cameraIn(address: RtspAddress | undefined): RtspAddress {
  if (address === undefined)
    throw new RtspError(404, 'a camera has an address such as rtsp://pi:8554/camera1')
  return address
}
