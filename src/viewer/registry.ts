import { AppError, noSuchCamera, tooManyCandidates } from '../errors.js'
import type { Log } from '../log.js'
import type { VideoCodec } from '../rtp/packet.js'
import type { SrtpBatch } from '../srtp/stream.js'
import { ViewerCounters } from './stats/counters.js'
import { transportSection, writeAnswer } from './sdp/answer.js'
import { acceptAnswer, offeredFormats, writeOffer } from './sdp/server-offer.js'
import { acceptOffer, type RemoteTransport } from './sdp/client-offer.js'
import type { CameraViewers, ViewerStats } from './stats/stats.js'
import type { ViewerLimits } from './admission.js'
import { ViewerList } from './viewer-list.js'
import { openSeat, type Seat, type SeatedSession, type SeatOptions } from './session-setup.js'
import { runSession, sessionTiming, type Session, type SessionTiming } from './session.js'
import { type CameraStream } from './media/source.js'
import { type EndReason } from './types.js'
import { type LeaveReason } from './types.js'
import { Slots } from './slots.js'
import type { UdpMux } from './transport/udp-mux.js'
import { checkBudget, UnprovenChecks } from './transport/unproven-checks.js'
import type { ServerOfferedViewer, Via, Viewer, ViewerSession } from './types.js'

export interface StreamOfCamera extends CameraStream {
  codec: VideoCodec
  /** Called for every admitted viewer, and disposed when it has left: a camera may be captured only for somebody. */
  watch?(): Disposable
}

/** Looked at for every viewer: a new configuration holds from the next one on. */
export interface RegistryOptions {
  /** The cameras there are to begin with. */
  streams?: ReadonlyMap<string, StreamOfCamera>
  mux: UdpMux
  /** Protects the packets of all viewers. */
  srtp: SrtpBatch
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

/** Who asks to watch, and what of its transport has been agreed on so far. */
interface ViewerRequest extends Pick<SeatOptions, 'camera' | 'via' | 'remote' | 'agreed'> {
  /** Of its client; empty where there is none, as in a test. */
  address: string
}

/** How a session ends that has not connected, where its client did not ask for it. */
const MISSES: readonly EndReason[] = ['never-connected', 'superseded', 'handshake-failed', 'impostor']

/** Who watches which camera: admits, limits, ends. A slot belongs to the first that connects (`Slots`), and is always given back. */
export class ViewerRegistry implements AsyncDisposable {
  readonly list = new ViewerList()
  readonly #options: RegistryOptions
  readonly #streams = new Map<string, StreamOfCamera>()
  readonly #byCamera = new Map<string, Map<string, ViewerSession>>()
  readonly #counters = new ViewerCounters()
  readonly #slots = new Slots()
  readonly #checksOf = checkBudget()
  #closed = false

  constructor(options: RegistryOptions) {
    this.#options = options
    for (const [camera, stream] of options.streams ?? []) this.open(camera, stream)
  }

  /** A camera may be watched from now on. */
  open(camera: string, stream: StreamOfCamera): void {
    this.#streams.set(camera, stream)
    this.#byCamera.set(camera, new Map())
    this.#counters.open(camera)
  }

  /** Ends a camera's viewers, for a reason that is logged and told to them, and admits none any more. */
  async close(camera: string, reason: LeaveReason): Promise<void> {
    this.#streams.delete(camera)
    await dismissAll(this.#byCamera.get(camera), reason)
    this.#byCamera.delete(camera)
    this.#counters.close(camera)
  }

  /** Ends everybody; who comes back is admitted. */
  async endAll(reason: LeaveReason): Promise<void> {
    await Promise.all(
      Array.from(this.#byCamera.values(), async (viewers) => await dismissAll(viewers, reason)),
    )
  }

  /**
   * Answers an offer.
   * @param address of the client, for limits on what one network may take.
   * @throws AppError `no-such-camera`, `camera-full`, `server-full`, `too-many-connecting`, or what `acceptOffer` finds wrong.
   */
  admit(camera: string, offerSdp: string, via: Via, address = ''): Viewer {
    const { codec } = this.#streamOf(camera)
    const offer = acceptOffer(offerSdp, codec)
    const { payloadType, rtxPayloadType, extensions } = offer
    const agreed = { payloadType, rtxPayloadType, extensions }
    const newcomer = { camera, via, address, remote: offer, agreed }
    const unprovenChecks = new UnprovenChecks(this.#checksOf(address))
    unprovenChecks.received(Buffer.byteLength(offerSdp))
    const { session, local } = this.#seat(newcomer, unprovenChecks)
    const section = transportSection(offer)
    const viewer: Viewer = {
      ...session,
      clientUfrag: offer.iceUfrag,
      applyAnswer: noAnswerExpected,
      answerSdp: writeAnswer(offer, local),
      candidates: local.candidates.map((line) => ({ candidate: `candidate:${line}`, ...section })),
    }
    return this.#enter(camera, viewer)
  }

  /**
   * Makes an offer, to a client whose protocol lets the server begin. Its slot is taken at once; without an answer it is free
   * again when a session that does not connect is.
   * @param address of the client.
   * @throws AppError `no-such-camera`, `camera-full`, `server-full` or `too-many-connecting`.
   */
  createOffer(camera: string, via: Via, address = ''): ServerOfferedViewer {
    const { codec } = this.#streamOf(camera)
    let answered: (remote: RemoteTransport) => void = () => {}
    const remote = new Promise<RemoteTransport>((resolve) => (answered = resolve))
    const agreed = { ...offeredFormats[codec], extensions: [] }
    const newcomer = { camera, via, address, remote, agreed }
    const unprovenChecks = new UnprovenChecks(this.#checksOf(address))
    const { session, local, format } = this.#seat(newcomer, unprovenChecks)
    const early: string[] = []
    const { maxCandidates } = this.#options.limits()
    const viewer = {
      ...session,
      clientUfrag: undefined as string | undefined,
      offerSdp: writeOffer(codec, local),
      addCandidate: (line: string) => {
        if (viewer.clientUfrag !== undefined) session.addCandidate(line)
        else if (early.length < maxCandidates) early.push(line)
        else throw tooManyCandidates(maxCandidates)
      },
      applyAnswer: (answerSdp: string) => {
        if (viewer.clientUfrag !== undefined) noAnswerExpected()
        const answer = acceptAnswer(answerSdp, codec)
        unprovenChecks.received(Buffer.byteLength(answerSdp))
        viewer.clientUfrag = answer.remote.iceUfrag
        // Nothing is sent before the client has connected, which it cannot before its answer is known.
        if (!answer.takesRtx) format.rtx = undefined
        answered(answer.remote)
        for (const line of early) session.addCandidate(line)
      },
    }
    return this.#enter(camera, viewer)
  }

  #streamOf(camera: string): StreamOfCamera {
    const stream = this.#streams.get(camera)
    if (stream === undefined || this.#closed) throw noSuchCamera(camera)
    return stream
  }

  #enter<S extends ViewerSession>(camera: string, viewer: S): S {
    this.#byCamera.get(camera)!.set(viewer.id, viewer)
    return viewer
  }

  /** Takes a slot and starts the session in it. */
  #seat({ address, ...newcomer }: ViewerRequest, unprovenChecks: UnprovenChecks): Seat {
    const { mux, srtp, fingerprint, maxClients, log } = this.#options
    const { camera } = newcomer
    const stream = this.#streamOf(camera)
    const limits = this.#options.limits()
    this.#slots.makeRoom(camera, address, { ...limits, maxClients })
    const { maxCandidates } = limits
    const addresses = this.#options.addresses()
    const given = {
      ...newcomer,
      stream,
      mux,
      srtp,
      fingerprint,
      addresses,
      maxCandidates,
      unprovenChecks,
      log,
    }
    return openSeat(given, async (id, session) => await this.#run(newcomer, address, id, session))
  }

  async #run(
    { camera, via, remote }: Omit<ViewerRequest, 'address'>,
    address: string,
    id: string,
    { remove, supersede, ...session }: SeatedSession,
  ): Promise<EndReason> {
    const { log, timing = sessionTiming } = this.#options
    const entries = this.#byCamera.get(camera)!
    using slot = this.#slots.claim(camera, address, () => this.#options.maxClients, supersede)
    void session.peer.checked.then(() => slot.check())
    using _wantsCapture = this.#streams.get(camera)?.watch?.()
    using _listed = this.list.enter({
      camera,
      via,
      address: () => session.peer.remoteAddress,
      stats: () => this.#counters.of(camera, id),
      remove,
    })
    const startedMs = performance.now()
    const seconds = (): number => Math.round((performance.now() - startedMs) / 100) / 10
    const onLive: Session['onLive'] = (figures, absentMs) => {
      const refusal = slot.goLive(absentMs)
      if (refusal !== undefined) return refusal
      this.#counters.begin(camera, id, figures)
      log.info('viewer joined', { camera, via, viewers: entries.size, connectedAfterS: seconds() })
      return undefined
    }
    let reason: EndReason = 'connection-lost'
    try {
      // Who answers our offer gathers candidates first: it has the whole time, and holds no slot for the most of it.
      const reservedMs = remote instanceof Promise ? timing.connectLimitMs : slot.reservedMs
      reason = await runSession({ ...session, reservedMs, onLive, timing })
    } catch (error) {
      log.error('viewer failed', { camera, via, error: String(error) })
    } finally {
      this.#counters.end(camera, id)
      entries.delete(id)
    }
    if (MISSES.includes(reason)) slot.miss()
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

  /** Of a camera's viewers that are live, by session. */
  stats(camera: string): Map<string, ViewerStats> {
    return this.#counters.stats(camera)
  }

  /** Every camera's viewers in figures, plain JSON. */
  snapshot(): Record<string, CameraViewers> {
    return this.#counters.snapshot()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.endAll('asked-to-leave')
  }
}

async function dismissAll(
  viewers: Map<string, ViewerSession> | undefined,
  reason: LeaveReason,
): Promise<void> {
  await Promise.all(Array.from(viewers?.values() ?? [], async (viewer) => await viewer.dismiss(reason)))
}

function noAnswerExpected(): never {
  throw new AppError('no-answer-expected', 400, 'this session waits for no answer')
}
