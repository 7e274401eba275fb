import { AppError, noSuchCamera } from '../errors.js'
import { transportSection, writeAnswer } from './sdp/answer.js'
import { acceptOffer } from './sdp/client-offer.js'
import { acceptAnswer, offeredFormats, writeOffer } from './sdp/server-offer.js'
import { ConnectFailures } from './connecting/connect-failures.js'
import { dismissAll } from './dismiss-all.js'
import { MseViewers } from './mse/mse-viewers.js'
import type { MediaOutput } from './mse/mp4-sender.js'
import type { SharedWithWebRtc } from './plain-session.js'
import { MISSES } from './no-shows.js'
import {
  NO_PUBLIC_ADDRESS,
  type AboutClient,
  type RegistryOptions,
  type StreamOfCamera,
} from './registry-options.js'
import { admitRtsp, type RtspAdmission } from './rtsp/rtsp-viewers.js'
import { runSession, sessionTiming, type Session } from './session.js'
import { SessionSetup } from './session-setup.js'
import { sessionView } from './session-view.js'
import { Slots, type Claim } from './slots.js'
import { ViewerCounters } from './stats/counters.js'
import type { CameraViewers, ViewerStats } from './stats/stats.js'
import { checkBudget, UnprovenChecks } from './transport/unproven-checks.js'
import type {
  EndReason,
  LeaveReason,
  ServerOfferedViewer,
  TrickledCandidate,
  Via,
  Viewer,
  ViewerSession,
} from './types.js'
import { ViewerList } from './viewer-list.js'

type SessionClient = Pick<Claim, 'address' | 'tab' | 'client'>

/** The viewers of every camera: admits, limits and ends them. `Slots` decides which of them may stay. */
export class ViewerRegistry implements AsyncDisposable {
  readonly list = new ViewerList()
  /** Why sessions did not connect. */
  readonly failures: ConnectFailures
  readonly #options: RegistryOptions
  readonly #streams = new Map<string, StreamOfCamera>()
  readonly #byCamera = new Map<string, Map<string, ViewerSession>>()
  readonly #counters = new ViewerCounters()
  readonly #slots = new Slots()
  readonly #shared: SharedWithWebRtc
  readonly #mse: MseViewers
  readonly #checksOf = checkBudget()
  #closed = false

  constructor(options: RegistryOptions) {
    this.#options = options
    const { config, log } = options
    this.failures = new ConnectFailures(log)
    this.#shared = { slots: this.#slots, list: this.list, counters: this.#counters, config, log }
    this.#mse = new MseViewers(this.#shared)
    for (const [camera, stream] of options.streams ?? []) this.open(camera, stream)
  }

  /** Admits viewers of a camera from now on. */
  open(camera: string, stream: StreamOfCamera): void {
    this.#streams.set(camera, stream)
    this.#byCamera.set(camera, new Map())
    this.#counters.open(camera)
  }

  /** Ends a camera's viewers for a reason that is logged and sent to them, and admits no more. */
  async close(camera: string, reason: LeaveReason): Promise<void> {
    this.#streams.delete(camera)
    await dismissAll(this.#byCamera.get(camera), reason)
    this.#byCamera.delete(camera)
    this.#counters.close(camera)
  }

  /** Ends every viewer. A viewer that returns is admitted. */
  async endAll(reason: LeaveReason): Promise<void> {
    await Promise.all(
      Array.from(this.#byCamera.values(), async (viewers) => await dismissAll(viewers, reason)),
    )
  }

  /**
   * Answers an offer.
   * @param address of the client, for limits per network; empty in tests.
   * @throws AppError `no-such-camera`, `camera-full`, `server-full`, `too-many-connecting`, or what `acceptOffer` finds wrong.
   */
  admit(camera: string, offerSdp: string, via: Via, address = '', about: AboutClient = {}): Viewer {
    const { codec, audio } = this.streamOf(camera)
    const offer = acceptOffer(offerSdp, codec, audio !== undefined)
    const setup = this.#setUp(camera, via, address, about)
    setup.setRemote(offer, offer, Buffer.byteLength(offerSdp))
    const section = transportSection(offer)
    const trickled = (line: string): TrickledCandidate => ({ candidate: `candidate:${line}`, ...section })
    const own: Omit<Viewer, Exclude<keyof ViewerSession, 'applyAnswer'>> = {
      applyAnswer: noAnswerExpected,
      answerSdp: writeAnswer(offer, setup.local),
      candidates: setup.local.candidates.map(trickled),
      onCandidate: (listener) => setup.onCandidate((line) => listener(trickled(line))),
    }
    return this.#start(setup, { address, tab: about.tab, client: about.client }, own)
  }

  /**
   * Makes an offer, for protocols in which the server begins. Its slot is claimed at once; without an answer the slot is free again
   * when the time to connect is over.
   * @param address of the client.
   * @throws AppError `no-such-camera`, `camera-full`, `server-full` or `too-many-connecting`.
   */
  createOffer(camera: string, via: Via, address = '', about: AboutClient = {}): ServerOfferedViewer {
    const { codec } = this.streamOf(camera)
    const setup = this.#setUp(camera, via, address, about)
    return this.#start(
      setup,
      { address },
      {
        offerSdp: writeOffer(codec, setup.local),
        applyAnswer: (answerSdp: string) => {
          if (setup.clientUfrag !== undefined) noAnswerExpected()
          const { remote, takesRtx } = acceptAnswer(answerSdp, codec)
          const { payloadType, rtxPayloadType } = offeredFormats[codec]
          const format = {
            payloadType,
            rtxPayloadType: takesRtx ? rtxPayloadType : undefined,
            extensions: [],
          }
          setup.setRemote(remote, format, Buffer.byteLength(answerSdp))
        },
      },
    )
  }

  /**
   * Admits a viewer that gets fragmented MP4 over HTTP in place of RTP. It counts as any other.
   * @throws AppError `no-such-camera`, `mse-unsupported`, `camera-full` or `server-full`.
   */
  admitMse(
    camera: string,
    output: MediaOutput,
    address = '',
    { tab, client }: AboutClient = {},
  ): ViewerSession {
    const stream = this.streamOf(camera)
    return this.#add(camera, this.#mse.admit({ camera, stream, output, address, tab, client }))
  }

  /** Admits a reader over RTSP. @throws AppError `no-such-camera`, `camera-full` or `server-full`. */
  admitRtsp(admission: RtspAdmission): ViewerSession {
    const { camera } = admission
    return this.#add(camera, admitRtsp(this.#shared, this.streamOf(camera), admission))
  }

  #add(camera: string, viewer: ViewerSession): ViewerSession {
    const viewers = this.#byCamera.get(camera)!
    viewers.set(viewer.id, viewer)
    void viewer.ended.then(() => viewers.delete(viewer.id))
    return viewer
  }

  /** @throws AppError `no-such-camera`. */
  streamOf(camera: string): StreamOfCamera {
    const stream = this.#streams.get(camera)
    if (stream === undefined || this.#closed) throw noSuchCamera(camera)
    return stream
  }

  #setUp(camera: string, via: Via, address: string, about: AboutClient): SessionSetup {
    const { reachedAt = [], quality, ...own } = about
    const {
      media,
      srtp,
      fingerprint,
      addresses,
      publicAddress = NO_PUBLIC_ADDRESS,
      config,
      log,
    } = this.#options
    const { limits, webrtc } = config
    this.#slots.makeRoom(camera, address, { ...limits, maxClients: webrtc.maxClients }, own)
    publicAddress.refresh()
    return new SessionSetup({
      camera,
      via,
      mux: media.mux,
      tcp: media.tcp,
      srtp,
      fingerprint,
      addresses: addresses(reachedAt),
      publicAddress,
      maxCandidates: limits.maxCandidates,
      client: address,
      networks: this.#options.networks ?? (() => []),
      failures: this.failures,
      unprovenChecks: new UnprovenChecks(this.#checksOf(address)),
      quality,
      log,
    })
  }

  /** Starts the session. @returns what signalling sees of it, with `own`, which depends on the kind of the viewer. */
  #start<T extends Pick<ViewerSession, 'applyAnswer'>>(
    setup: SessionSetup,
    client: SessionClient,
    own: T,
  ): Omit<ViewerSession, 'applyAnswer'> & T {
    const ended = setup.run(async () => await this.#run(setup, client))
    void ended.then(() => setup.end('asked-to-leave')) // later errors are ignored
    const viewer = Object.assign(sessionView(setup, ended), own)
    this.#byCamera.get(setup.camera)!.set(viewer.id, viewer)
    return viewer
  }

  async #run(setup: SessionSetup, client: SessionClient): Promise<EndReason> {
    const { config, log, publicAddress = NO_PUBLIC_ADDRESS, timing = sessionTiming } = this.#options
    const { id, camera, via, peer } = setup
    const stream = this.streamOf(camera)
    const viewers = this.#byCamera.get(camera)!
    using slot = this.#slots.claim({
      ...client,
      camera,
      maxClients: () => config.webrtc.maxClients,
      evict: (reason) => setup.end(reason),
    })
    void peer.checked.then(() => slot.check())
    using _needsPublicAddress = publicAddress.use()
    using _wantsCapture = stream.watch?.()
    using _listed = this.list.enter({
      camera,
      via,
      path: () => peer.path,
      stats: () => this.#counters.of(camera, id),
      remove: () => setup.end('removed'),
    })
    const startedMs = performance.now()
    const seconds = (): number => Math.round((performance.now() - startedMs) / 100) / 10
    const onLive: Session['onLive'] = (stats, absentMs) => {
      const refusal = slot.tryGoLive(absentMs)
      if (refusal !== undefined) return refusal
      this.#counters.begin(camera, id, stats)
      log.info('viewer joined', { camera, via, viewers: viewers.size, connectedAfterS: seconds() })
      return undefined
    }
    // A client that answers our offer gathers candidates first.
    const reservedMs = setup.clientUfrag === undefined ? timing.connectLimitMs : slot.reservedMs
    let reason: EndReason = 'connection-lost'
    try {
      reason = await runSession({
        peer,
        stream,
        request: setup.request,
        format: () => setup.format!,
        cname: camera,
        leave: setup.leave,
        reservedMs,
        onLive,
        onStatus: (status) => setup.notifyStatus(status),
        timing,
      })
    } catch (error) {
      log.error('viewer failed', { camera, via, error: String(error) })
    } finally {
      this.#counters.end(camera, id)
      viewers.delete(id)
    }
    if (MISSES.includes(reason)) slot.miss()
    if (setup.clientUfrag !== undefined) setup.diagnosis.end(reason)
    if (reason === 'page-left') slot.keep()
    log.info('viewer left', { camera, via, reason, viewers: viewers.size, afterS: seconds() })
    return reason
  }

  find(camera: string, id: string): ViewerSession | undefined {
    return this.#byCamera.get(camera)?.get(id)
  }

  /** Viewers of a camera that hold a slot, connected or connecting. */
  count(camera: string): number {
    return this.#byCamera.get(camera)?.size ?? 0
  }

  /** Of a camera's live viewers, by session. */
  stats(camera: string): Map<string, ViewerStats> {
    return this.#counters.stats(camera)
  }

  /** Statistics of every camera's viewers, as plain JSON. */
  snapshot(): Record<string, CameraViewers> {
    return this.#counters.snapshot()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.endAll('asked-to-leave')
  }
}

function noAnswerExpected(): never {
  throw new AppError('no-answer-expected', 400, 'this session expects no answer')
}
