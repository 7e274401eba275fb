import { randomBytes, randomInt } from 'node:crypto'
import { cameraFull, noSuchCamera } from '../errors.js'
import type { Log } from '../log.js'
import type { VideoCodec } from '../rtp/packet.js'
import { transportSection, writeAnswer } from './answer.js'
import { candidateLines, readCandidate } from './candidate.js'
import { acceptOffer } from './offer.js'
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
  /** Called for every admitted viewer, and disposed when it has left: a camera may be captured only for somebody. */
  watch?(): Disposable
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
}

/** Who watches which camera: admits, limits, ends. A slot is taken when an offer is accepted, and always given back. */
export class ViewerRegistry implements AsyncDisposable {
  readonly #options: RegistryOptions
  readonly #byCamera: Map<string, Map<string, Entry>>
  #closed = false

  constructor(options: RegistryOptions) {
    this.#options = options
    this.#byCamera = new Map([...options.streams.keys()].map((key) => [key, new Map<string, Entry>()]))
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
    const ended = this.#run(camera, via, entries, id, {
      peer,
      stream,
      format: {
        payloadType: offer.payloadType,
        ssrc,
        rtx: rtx === undefined ? undefined : { payloadType: rtx, ssrc: rtxSsrc },
      },
      cname: camera,
      leave: controller.signal,
    })
    const watching = stream.watch?.()
    void ended.finally(() => watching?.[Symbol.dispose]())
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
    }
    entries.set(id, { viewer, controller })
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
    const onLive = (): void =>
      log.info('viewer joined', { camera, via, viewers: entries.size, connectedAfterS: seconds() })
    let reason: EndReason = 'connection-lost'
    try {
      reason = await runSession({ ...session, onLive, timing })
    } catch (error) {
      log.error('viewer failed', { camera, via, error: String(error) })
    } finally {
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
