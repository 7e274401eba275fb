import { randomBytes, randomInt } from 'node:crypto'
import { cameraFull, noSuchCamera } from '../errors.js'
import type { Log } from '../log.js'
import type { VideoCodec } from '../rtp/packet.js'
import { transportSection, writeAnswer } from './answer.js'
import { candidateLines, readCandidate } from './candidate.js'
import { acceptOffer } from './offer.js'
import {
  addCounts,
  noCounts,
  type CameraViewers,
  type ViewerCounts,
  type ViewerFigures,
  type ViewerStatus,
} from './figures.js'
import { Peer } from './peer.js'
import {
  runSession,
  sessionTiming,
  type CameraStream,
  type EndReason,
  type SessionTiming,
} from './session.js'
import type { UdpMux } from './udp-mux.js'

export interface StreamOfCamera extends CameraStream {
  codec: VideoCodec
}

/** One admitted viewer, as signalling sees it. */
export interface Viewer {
  /** 128 random bits: whoever knows it may end the session, so it is never logged. */
  readonly id: string
  readonly answerSdp: string
  /** Our candidates for clients that trickle; they are in the answer as well. */
  readonly candidates: { candidate: string; sdpMid: string | null; sdpMLineIndex: number }[]
  /** Takes a trickled candidate line; what cannot be used is ignored. */
  addCandidate(line: string): void
  /** Ends the session; resolves when its slot is free. */
  dismiss(): Promise<void>
  readonly ended: Promise<EndReason>
  /** Tells how its path does, at changes and at most once a second. */
  onStatus(listener: (status: ViewerStatus) => void): Disposable
}

export interface RegistryOptions {
  streams: ReadonlyMap<string, StreamOfCamera>
  mux: UdpMux
  /** SHA-256 of our certificate, as the answer shows it. */
  fingerprint: string
  /** The addresses to offer, the preferred one first; asked for every viewer, for interfaces come and go. */
  addresses: () => string[]
  maxClients: number
  log: Log
  timing?: SessionTiming
}

interface Entry {
  viewer: Viewer
  controller: AbortController
  /** Undefined until it is live. */
  figures: (() => ViewerFigures) | undefined
}

/** Who watches which camera: admits, limits, ends. A slot is taken when an offer is accepted, and always given back. */
export class ViewerRegistry implements AsyncDisposable {
  readonly #options: RegistryOptions
  readonly #byCamera: Map<string, Map<string, Entry>>
  /** What the viewers who left had been sent. */
  readonly #ended: Map<string, ViewerCounts>
  #closed = false

  constructor(options: RegistryOptions) {
    this.#options = options
    this.#byCamera = new Map([...options.streams.keys()].map((key) => [key, new Map<string, Entry>()]))
    this.#ended = new Map([...options.streams.keys()].map((key) => [key, noCounts()]))
  }

  /**
   * Answers an offer.
   * @throws AppError `no-such-camera`, `camera-full`, or what `acceptOffer` finds wrong.
   */
  admit(camera: string, offerSdp: string, via: 'websocket' | 'whep'): Viewer {
    const { streams, mux, fingerprint, maxClients } = this.#options
    const stream = streams.get(camera)
    const entries = this.#byCamera.get(camera)
    if (stream === undefined || entries === undefined || this.#closed) throw noSuchCamera(camera)
    const offer = acceptOffer(offerSdp, stream.codec)
    if (entries.size >= maxClients) throw cameraFull(camera, maxClients)

    const addresses = this.#options.addresses()
    const peer = new Peer(offer, mux, addresses)
    const ssrc = randomInt(1, 2 ** 32 - 1)
    const rtxSsrc = otherThan(ssrc)
    const rtx = offer.rtxPayloadType
    const lines = candidateLines(addresses, mux.port)
    const controller = new AbortController()
    const id = randomBytes(16).toString('base64url')
    const listeners = new Set<(status: ViewerStatus) => void>()
    const ended = this.#run(camera, via, entries, id, {
      peer,
      stream,
      format: {
        payloadType: offer.payloadType,
        ssrc,
        rtx: rtx === undefined ? undefined : { payloadType: rtx, ssrc: rtxSsrc },
        extensions: new Map(offer.extensions.map(({ id, uri }) => [uri, id])),
      },
      onStatus: (status) => {
        for (const listener of listeners) listener(status)
      },
      cname: camera,
      leave: controller.signal,
    })
    const section = transportSection(offer)
    const viewer: Viewer = {
      id,
      answerSdp: writeAnswer(offer, {
        sessionId: String(randomInt(1, 2 ** 47)),
        iceUfrag: peer.ufrag,
        icePwd: peer.password,
        fingerprint,
        ssrc,
        rtxSsrc,
        streamId: camera,
        candidates: lines,
      }),
      candidates: lines.map((line) => ({ candidate: `candidate:${line}`, ...section })),
      addCandidate: (line) => {
        const candidate = readCandidate(line)
        if (candidate !== undefined) peer.addCandidate(candidate)
      },
      dismiss: async () => {
        controller.abort()
        await ended
      },
      ended,
      onStatus: (listener) => {
        listeners.add(listener)
        return { [Symbol.dispose]: () => void listeners.delete(listener) }
      },
    }
    entries.set(id, { viewer, controller, figures: undefined })
    return viewer
  }

  async #run(
    camera: string,
    via: string,
    entries: Map<string, Entry>,
    id: string,
    session: Omit<Parameters<typeof runSession>[0], 'onLive' | 'timing'>,
  ): Promise<EndReason> {
    const { log, timing = sessionTiming } = this.#options
    const startedMs = performance.now()
    const seconds = (): number => Math.round((performance.now() - startedMs) / 100) / 10
    const onLive = (figures: () => ViewerFigures): void => {
      const entry = entries.get(id)
      if (entry !== undefined) entry.figures = figures
      log.info('viewer joined', { camera, via, viewers: entries.size, connectedAfterS: seconds() })
    }
    let reason: EndReason = 'connection-lost'
    try {
      reason = await runSession({ ...session, onLive, timing })
    } catch (error) {
      log.error('viewer failed', { camera, via, error: String(error) })
    } finally {
      const figures = entries.get(id)?.figures?.()
      if (figures !== undefined) addCounts(this.#ended.get(camera)!, figures)
      entries.delete(id)
    }
    log.info('viewer left', { camera, via, reason, viewers: entries.size, afterS: seconds() })
    return reason
  }

  find(camera: string, id: string): Viewer | undefined {
    return this.#byCamera.get(camera)?.get(id)?.viewer
  }

  /** Viewers of a camera that hold a slot, connected or on their way. */
  count(camera: string): number {
    return this.#byCamera.get(camera)?.size ?? 0
  }

  /** Every camera's viewers in figures, plain JSON. */
  snapshot(): Record<string, CameraViewers> {
    const cameras: Record<string, CameraViewers> = {}
    for (const [camera, entries] of this.#byCamera) {
      const figures = [...entries.values()].map((entry) => entry.figures?.())
      const viewers = figures.filter((figure) => figure !== undefined)
      const total = { ...this.#ended.get(camera)! }
      for (const viewer of viewers) addCounts(total, viewer)
      cameras[camera] = { viewers, total }
    }
    return cameras
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const all = [...this.#byCamera.values()].flatMap((entries) => [...entries.values()])
    await Promise.all(all.map(async ({ viewer }) => await viewer.dismiss()))
  }
}

function otherThan(taken: number): number {
  const ssrc = randomInt(1, 2 ** 32 - 1)
  return ssrc === taken ? ssrc + 1 : ssrc
}
