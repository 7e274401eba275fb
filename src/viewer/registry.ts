import { randomBytes, randomInt } from 'node:crypto'
import { AppError, noSuchCamera, tooManyCandidates } from '../errors.js'
import { onBehalfOf } from '../lib/behalf.js'
import type { Log } from '../log.js'
import type { VideoCodec } from '../rtp/packet.js'
import { transportSection, writeAnswer, type LocalDescription } from './answer.js'
import { candidateLines } from './candidate.js'
import { acceptAnswer, offeredFormats, writeOffer } from './invitation.js'
import { acceptOffer, type AcceptedOffer, type RemoteTransport } from './offer.js'
import {
  addCounts,
  noCounts,
  type CameraViewers,
  type ViewerCounts,
  type ViewerFigures,
  type ViewerStatus,
} from './figures.js'
import { firstCandidates, requireRoom, takeCandidates, type ViewerLimits } from './limits.js'
import { Peer } from './peer.js'
import {
  runSession,
  sessionTiming,
  type CameraStream,
  type EndReason,
  type SessionTiming,
} from './session.js'
import type { StreamFormat } from './sink.js'
import type { UdpMux } from './udp-mux.js'
import type { InvitedViewer, Via, Viewer, ViewerSession } from './viewer.js'

export interface StreamOfCamera extends CameraStream {
  codec: VideoCodec
  /** Called for every admitted viewer, and disposed when it has left: a camera may be captured only for somebody. */
  watch?(): Disposable
}

export interface RegistryOptions {
  streams: ReadonlyMap<string, StreamOfCamera>
  mux: UdpMux
  /** SHA-256 of our certificate, as the answer shows it. */
  fingerprint: string
  /** The addresses to offer, the preferred one first; asked for every viewer, for interfaces come and go. */
  addresses: () => string[]
  maxClients: number
  /** Asked for every viewer, for they may be set anew. */
  limits: () => ViewerLimits
  log: Log
  timing?: SessionTiming
}

/** Who watches which camera: admits, limits, ends. A slot is taken when an offer is accepted, and always given back. */
export class ViewerRegistry implements AsyncDisposable {
  readonly #options: RegistryOptions
  readonly #byCamera: Map<string, Map<string, ViewerSession>>
  /** By session, once it is live: what is counted of it. */
  readonly #figures = new Map<string, () => ViewerFigures>()
  /** What the viewers who left had been sent. */
  readonly #ended: Map<string, ViewerCounts>
  readonly #connecting = new Set<string>()
  #closed = false

  constructor(options: RegistryOptions) {
    this.#options = options
    this.#byCamera = new Map(
      [...options.streams.keys()].map((key) => [key, new Map<string, ViewerSession>()]),
    )
    this.#ended = new Map([...options.streams.keys()].map((key) => [key, noCounts()]))
  }

  /**
   * Answers an offer.
   * @throws AppError `no-such-camera`, `camera-full`, `server-full`, `too-many-connecting`, or what `acceptOffer` finds wrong.
   */
  admit(camera: string, offerSdp: string, via: Via): Viewer {
    const { codec } = this.#streamOf(camera)
    const offer = acceptOffer(offerSdp, codec)
    const { session, local } = this.#seat(camera, via, offer, {
      payloadType: offer.payloadType,
      rtxPayloadType: offer.rtxPayloadType,
      extensions: offer.extensions,
    })
    const section = transportSection(offer)
    const viewer: Viewer = {
      ...session,
      clientUfrag: offer.iceUfrag,
      takeAnswer: noAnswerExpected,
      answerSdp: writeAnswer(offer, local),
      candidates: local.candidates.map((line) => ({ candidate: `candidate:${line}`, ...section })),
    }
    return this.#enter(camera, viewer)
  }

  /**
   * Makes an offer, to a client whose protocol lets the server begin. Its slot is taken at once; without an answer it is free
   * again when a session that does not connect is.
   * @param keepAlive whether to offer the keep-alive channel too.
   * @throws AppError `no-such-camera`, `camera-full`, `server-full` or `too-many-connecting`.
   */
  invite(camera: string, via: Via, keepAlive = false): InvitedViewer {
    const { codec } = this.#streamOf(camera)
    let answered: (remote: RemoteTransport) => void = () => {}
    const remote = new Promise<RemoteTransport>((resolve) => (answered = resolve))
    let sctpPort: number | undefined
    const agreed = { ...offeredFormats[codec], extensions: [] }
    const { session, local, format } = this.#seat(camera, via, remote, agreed, () => sctpPort)
    const early: string[] = []
    const { maxCandidates } = this.#options.limits()
    const viewer = {
      ...session,
      clientUfrag: undefined as string | undefined,
      offerSdp: writeOffer(codec, local, keepAlive),
      addCandidate: (line: string) => {
        if (viewer.clientUfrag !== undefined) session.addCandidate(line)
        else if (early.length < maxCandidates) early.push(line)
        else throw tooManyCandidates(maxCandidates)
      },
      takeAnswer: (answerSdp: string) => {
        if (viewer.clientUfrag !== undefined) noAnswerExpected()
        const answer = acceptAnswer(answerSdp, codec, keepAlive)
        viewer.clientUfrag = answer.remote.iceUfrag
        // Nothing is sent before the client has connected, which it cannot before its answer is known.
        if (!answer.takesRtx) format.rtx = undefined
        sctpPort = answer.sctpPort
        answered(answer.remote)
        for (const line of early) session.addCandidate(line)
      },
    }
    return this.#enter(camera, viewer)
  }

  #streamOf(camera: string): StreamOfCamera {
    const stream = this.#options.streams.get(camera)
    if (stream === undefined || this.#closed) throw noSuchCamera(camera)
    return stream
  }

  #enter<S extends ViewerSession>(camera: string, viewer: S): S {
    this.#byCamera.get(camera)!.set(viewer.id, viewer)
    return viewer
  }

  /** Takes a slot and starts the session in it. */
  #seat(
    camera: string,
    via: Via,
    remote: RemoteTransport | Promise<RemoteTransport>,
    agreed: Pick<AcceptedOffer, 'payloadType' | 'rtxPayloadType' | 'extensions'>,
    sctpPort: () => number | undefined = () => undefined,
  ) {
    const { mux, fingerprint, maxClients } = this.#options
    const stream = this.#streamOf(camera)
    const entries = this.#byCamera.get(camera)!
    const limits = this.#options.limits()
    const inAll = [...this.#byCamera.values()].reduce((sum, { size }) => sum + size, 0)
    const taken = { ofCamera: entries.size, inAll, connecting: this.#connecting.size }
    requireRoom(camera, maxClients, limits, taken)

    const controller = new AbortController()
    const fail = (error: unknown): void => {
      if (leave.aborted) return
      const { log } = this.#options
      log.warn('the WebRTC library failed, which ends one viewer', { camera, via, error: stackOf(error) })
      controller.abort('failed')
    }
    const leave = controller.signal
    const addresses = this.#options.addresses()
    const known = remote instanceof Promise ? 0 : remote.candidates.length
    const described = firstCandidates(remote, limits.maxCandidates)
    const peer = onBehalfOf(fail, () => new Peer(described, mux, addresses))
    const ssrc = randomInt(1, 2 ** 32 - 1)
    const rtxSsrc = otherThan(ssrc)
    const rtx = agreed.rtxPayloadType
    const format: StreamFormat = {
      payloadType: agreed.payloadType,
      ssrc,
      rtx: rtx === undefined ? undefined : { payloadType: rtx, ssrc: rtxSsrc },
      extensions: new Map(agreed.extensions.map(({ id, uri }) => [uri, id])),
    }
    const id = randomBytes(16).toString('base64url')
    const listeners = new Set<(status: ViewerStatus) => void>()
    const onStatus = (status: ViewerStatus): void => {
      for (const listener of listeners) listener(status)
    }
    const running = { peer, stream, format, sctpPort, cname: camera, leave, onStatus }
    const ended = onBehalfOf(fail, async () => await this.#run(camera, via, entries, id, running))
    void ended.then(() => controller.abort()) // what stumbles after its viewer has gone is nobody's loss
    const local: LocalDescription = {
      sessionId: String(randomInt(1, 2 ** 47)),
      iceUfrag: peer.ufrag,
      icePwd: peer.password,
      fingerprint,
      ssrc,
      rtxSsrc,
      streamId: camera,
      candidates: candidateLines(addresses, mux.port),
    }
    const session = {
      id,
      addCandidate: takeCandidates(limits.maxCandidates, known, (candidate) =>
        onBehalfOf(fail, () => peer.addCandidate(candidate)),
      ),
      dismiss: async () => {
        controller.abort()
        await ended
      },
      ended,
      onStatus: (listener: (status: ViewerStatus) => void) => {
        listeners.add(listener)
        return { [Symbol.dispose]: () => void listeners.delete(listener) }
      },
    }
    return { session, local, format }
  }

  async #run(
    camera: string,
    via: string,
    entries: Map<string, ViewerSession>,
    id: string,
    session: Omit<Parameters<typeof runSession>[0], 'onLive' | 'timing'>,
  ): Promise<EndReason> {
    const { log, streams, timing = sessionTiming } = this.#options
    using _wantsCapture = streams.get(camera)?.watch?.()
    const startedMs = performance.now()
    const seconds = (): number => Math.round((performance.now() - startedMs) / 100) / 10
    const onLive = (figures: () => ViewerFigures): void => {
      this.#connecting.delete(id)
      this.#figures.set(id, figures)
      log.info('viewer joined', { camera, via, viewers: entries.size, connectedAfterS: seconds() })
    }
    this.#connecting.add(id)
    let reason: EndReason = 'connection-lost'
    try {
      reason = await runSession({ ...session, onLive, timing })
    } catch (error) {
      log.error('viewer failed', { camera, via, error: String(error) })
    } finally {
      const figures = this.#figures.get(id)?.()
      if (figures !== undefined) addCounts(this.#ended.get(camera)!, figures)
      this.#figures.delete(id)
      this.#connecting.delete(id)
      entries.delete(id)
    }
    log.info('viewer left', { camera, via, reason, viewers: entries.size, afterS: seconds() })
    return reason
  }

  find(camera: string, id: string): ViewerSession | undefined {
    return this.#byCamera.get(camera)?.get(id)
  }

  /** Viewers of a camera that hold a slot, connected or on their way. */
  count(camera: string): number {
    return this.#byCamera.get(camera)?.size ?? 0
  }

  /** Every camera's viewers in figures, plain JSON. */
  snapshot(): Record<string, CameraViewers> {
    const cameras: Record<string, CameraViewers> = {}
    for (const [camera, entries] of this.#byCamera) {
      const figures = [...entries.keys()].map((id) => this.#figures.get(id)?.())
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
    await Promise.all(all.map(async (viewer) => await viewer.dismiss()))
  }
}

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

function otherThan(taken: number): number {
  const ssrc = randomInt(1, 2 ** 32 - 1)
  return ssrc === taken ? ssrc + 1 : ssrc
}

function noAnswerExpected(): never {
  throw new AppError('no-answer-expected', 400, 'this session waits for no answer')
}
