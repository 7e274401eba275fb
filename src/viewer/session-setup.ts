import { randomBytes, randomInt } from 'node:crypto'
import { tooManyCandidates } from '../errors.js'
import { runWithErrorHandler } from '../lib/error-context.js'
import { stackOf } from '../lib/error-message.js'
import type { Log } from '../log.js'
import type { SrtpBatch } from '../srtp/stream.js'
import type { StreamFormat } from './media/outgoing-stream.js'
import { ConnectDiagnosis } from './connecting/connect-diagnosis.js'
import type { ConnectFailures } from './connecting/connect-failures.js'
import type { LocalDescription } from './sdp/answer.js'
import {
  candidateLines,
  parseCandidate,
  reflexiveCandidateLines,
  relayCandidateLines,
  tcpCandidateLines,
} from './sdp/candidate.js'
import type { AcceptedOffer, RemoteTransport } from './sdp/client-offer.js'
import { ViewerRequest } from './media/viewer-request.js'
import type { Quality } from './media/source.js'
import type { ViewerStatus } from './stats/stats.js'
import type { OfferedAddress } from './transport/host-addresses.js'
import type { OfferedRelay } from './transport/relay-guard.js'
import type { TcpMux } from './transport/tcp-mux.js'
import type { UdpMux } from './transport/udp-mux.js'
import type { UnprovenChecks } from './transport/unproven-checks.js'
import type { LeaveReason, Via } from './types.js'
import { Peer } from './werift/peer.js'

/** What a viewer needs of our public addresses. */
export interface ReflexiveAddresses {
  /** Of the media socket, as a STUN server sees it. */
  readonly known: readonly { address: string; port: number }[]
  /** Whether more may become known. */
  readonly isAsking: boolean
  /** Asks again, if that was long ago. */
  refresh(): void
  /** Keeps them in force, for a client that connects or watches. */
  use(): Disposable
  /** Calls the listener after each change of `known`. */
  onChange(listener: () => void): Disposable
}

/** Signalling over a WebSocket: candidates that become known after the answer can be sent. */
const TRICKLING: readonly Via[] = ['websocket', 'go2rtc']

export interface SessionSetupOptions {
  camera: string
  via: Via
  mux: UdpMux
  /** Undefined without ICE over TCP. */
  tcp: TcpMux | undefined
  /** Protects the packets of all viewers. */
  srtp: SrtpBatch
  /** SHA-256 of our certificate, as the answer shows it. */
  fingerprint: string
  /** The addresses to offer, the preferred one first. */
  addresses: OfferedAddress[]
  publicAddress: ReflexiveAddresses
  maxCandidates: number
  /** The client's address, as signalling sees it. */
  client: string
  /** Networks of this machine, such as `192.168.1.20/24`. */
  networks: () => readonly string[]
  failures: ConnectFailures
  /** Limits the checks that the client's candidates make us send. */
  unprovenChecks: UnprovenChecks
  /** Addresses at TURN servers, which the session closes. */
  relays?: readonly OfferedRelay[]
  /** What the client asks for; `auto` unless told. */
  quality?: Quality | undefined
  log: Log
}

/** What offer and answer agree on (RFC 3264). */
export type NegotiatedFormat = Pick<AcceptedOffer, 'payloadType' | 'rtxPayloadType' | 'extensions' | 'audio'>

/**
 * One viewer's end of the transport and the numbers of its stream, before and while its session runs. An error that werift throws
 * outside of every call ends this viewer alone.
 */
export class SessionSetup {
  /** 128 random bits: a client that knows it may end the session. */
  readonly id = randomBytes(16).toString('base64url')
  readonly camera: string
  readonly via: Via
  readonly peer: Peer
  readonly local: LocalDescription
  /** Why it does not connect, if it does not. */
  readonly diagnosis: ConnectDiagnosis
  readonly request: ViewerRequest
  readonly #maxCandidates: number
  readonly #unprovenChecks: UnprovenChecks
  readonly #relays: readonly OfferedRelay[]
  readonly #log: Log
  readonly #publicAddress: ReflexiveAddresses
  readonly #reflexiveLines: () => string[]
  readonly #leave = new AbortController()
  readonly #statusListeners = new Set<(status: ViewerStatus) => void>()
  /** Candidate lines that arrived before the description that they belong to. */
  readonly #earlyLines: string[] = []
  #candidates = 0
  #clientUfrag: string | undefined
  #format: StreamFormat | undefined

  constructor(options: SessionSetupOptions) {
    const {
      camera,
      via,
      mux,
      tcp,
      srtp,
      fingerprint,
      addresses,
      publicAddress,
      maxCandidates,
      client,
      networks,
      failures,
      unprovenChecks,
      relays = [],
      log,
    } = options
    this.request = new ViewerRequest(options.quality)
    this.camera = camera
    this.via = via
    this.#maxCandidates = maxCandidates
    this.#unprovenChecks = unprovenChecks
    this.#log = log
    this.#publicAddress = publicAddress
    this.#reflexiveLines = () => reflexiveCandidateLines(publicAddress.known, addresses, mux.port)
    this.#relays = relays
    this.peer = this.run(() => new Peer(mux, srtp, addresses[0]!.address, unprovenChecks, { tcp, relays }))
    this.diagnosis = new ConnectDiagnosis({
      id: this.id,
      camera,
      via,
      facts: this.peer.facts,
      client,
      networks,
      offered: () => [
        ...addresses.map(({ address, port = mux.port }) => ({ address, port })),
        ...publicAddress.known,
      ],
      port: mux.port,
      hasTcp: tcp !== undefined,
      failures,
    })
    const [ssrc, rtxSsrc, audioSsrc] = differentSsrcs()
    this.local = {
      sessionId: String(randomInt(1, 2 ** 47)),
      iceUfrag: this.peer.ufrag,
      icePwd: this.peer.password,
      fingerprint,
      ssrc,
      rtxSsrc,
      audioSsrc,
      streamId: camera,
      candidates: [
        ...candidateLines(addresses, mux.port),
        ...this.#reflexiveLines(),
        ...(tcp === undefined ? [] : tcpCandidateLines(addresses, tcp.port)),
        ...relayCandidateLines(relays.map(({ relay }) => relay)),
      ],
      mayTrickle: publicAddress.isAsking && TRICKLING.includes(via),
    }
  }

  /** Aborted with a `LeaveReason` when we end the session. */
  get leave(): AbortSignal {
    return this.#leave.signal
  }

  /** Undefined until the client's description is known. */
  get clientUfrag(): string | undefined {
    return this.#clientUfrag
  }

  /** Undefined until the client's description is known, which the peer needs to connect. */
  get format(): StreamFormat | undefined {
    return this.#format
  }

  /** Runs `work` so that what it throws later, in a timer or an event, ends this session. */
  run<T>(work: () => T): T {
    return runWithErrorHandler((error: unknown) => this.#fail(error), work)
  }

  end(reason: LeaveReason): void {
    this.#leave.abort(reason)
  }

  /**
   * Starts the transport towards the client. Called once. Candidates above the limit are dropped: an honest client may have them,
   * and needs few.
   * @param sdpBytes length of the client's description.
   */
  setRemote(remote: RemoteTransport, negotiated: NegotiatedFormat, sdpBytes: number): void {
    const { payloadType, rtxPayloadType, extensions, audio } = negotiated
    const { ssrc, rtxSsrc, audioSsrc } = this.local
    const candidates = remote.candidates.slice(0, this.#maxCandidates)
    this.#unprovenChecks.received(sdpBytes)
    for (const { unprovenChecks } of this.#relays) unprovenChecks.received(sdpBytes)
    this.#clientUfrag = remote.iceUfrag
    this.#candidates = remote.candidates.length
    this.#format = {
      payloadType,
      ssrc,
      rtx: rtxPayloadType === undefined ? undefined : { payloadType: rtxPayloadType, ssrc: rtxSsrc },
      extensions: new Map(extensions.map(({ id, uri }) => [uri, id])),
      audio: audio && { payloadType: audio.payloadType, ssrc: audioSsrc },
    }
    this.peer.setRemote({ ...remote, candidates })
    for (const line of this.#earlyLines.splice(0)) this.addCandidate(line)
  }

  /** Adds a trickled candidate; a line that cannot be used is ignored. @throws AppError `too-many-candidates`. */
  addCandidate(line: string): void {
    if (this.#clientUfrag === undefined) {
      if (this.#earlyLines.length >= this.#maxCandidates) throw tooManyCandidates(this.#maxCandidates)
      this.#earlyLines.push(line)
      return
    }
    const candidate = parseCandidate(line)
    if (candidate !== undefined) {
      if (this.#candidates >= this.#maxCandidates) throw tooManyCandidates(this.#maxCandidates)
      this.#candidates++
      this.run(() => this.peer.addCandidate(candidate))
    }
    this.#unprovenChecks.received(line.length)
  }

  /** Calls the listener for each candidate of ours that becomes known after the description, a candidate line. */
  onCandidate(listener: (line: string) => void): Disposable {
    const sent = new Set(this.local.candidates)
    const sendNew = (): void => {
      for (const line of this.#reflexiveLines().filter((one) => !sent.has(one))) {
        sent.add(line)
        listener(line)
      }
    }
    sendNew()
    return this.#publicAddress.onChange(sendNew)
  }

  notifyStatus(status: ViewerStatus): void {
    for (const listener of this.#statusListeners) listener(status)
  }

  onStatus(listener: (status: ViewerStatus) => void): Disposable {
    this.#statusListeners.add(listener)
    return { [Symbol.dispose]: () => void this.#statusListeners.delete(listener) }
  }

  #fail(error: unknown): void {
    if (this.leave.aborted) return
    const { camera, via } = this
    this.#log.warn('the WebRTC library failed, which ends one viewer', { camera, via, error: stackOf(error) })
    this.end('failed')
  }
}

/** RFC 3550 section 8.1: random, but none twice. */
function differentSsrcs(): [number, number, number] {
  const first = randomInt(1, 2 ** 32 - 1)
  const others = (): number => (first + randomInt(1, 2 ** 31)) >>> 0 || 1
  const second = others()
  let third = others()
  while (third === second) third = others()
  return [first, second, third]
}
