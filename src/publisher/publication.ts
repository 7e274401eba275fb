import { randomBytes, randomInt } from 'node:crypto'
import { tooManyCandidates } from '../errors.js'
import { runWithErrorHandler } from '../lib/error-context.js'
import { stackOf } from '../lib/error-message.js'
import type { Log } from '../log.js'
import type { SrtpBatch } from '../srtp/stream.js'
import { writeAnswer } from '../viewer/sdp/answer.js'
import {
  candidateLines,
  parseCandidate,
  reflexiveCandidateLines,
  tcpCandidateLines,
} from '../viewer/sdp/candidate.js'
import type { AcceptedOffer } from '../viewer/sdp/client-offer.js'
import type { OfferedAddress } from '../viewer/transport/host-addresses.js'
import type { TcpMux } from '../viewer/transport/tcp-mux.js'
import type { UdpMux } from '../viewer/transport/udp-mux.js'
import type { UnprovenChecks } from '../viewer/transport/unproven-checks.js'
import { Peer } from '../viewer/werift/peer.js'
import type { IncomingStream } from './incoming-stream.js'
import type { PublisherView } from './publisher-view.js'
import type { PublishEnd, PublishLeaveReason } from './session.js'

export interface PublicationOptions {
  camera: string
  /** Of the client, as signalling sees it. */
  address: string
  offer: AcceptedOffer
  mux: UdpMux
  /** Undefined without ICE over TCP. */
  tcp: TcpMux | undefined
  srtp: SrtpBatch
  /** SHA-256 of our certificate, as the answer shows it. */
  fingerprint: string
  /** The addresses to offer, the preferred one first. */
  addresses: OfferedAddress[]
  /** Our addresses as the Internet sees them. */
  reflexive: readonly { address: string; port: number }[]
  maxCandidates: number
  unprovenChecks: UnprovenChecks
  log: Log
}

/** One client's end of the transport to us, before and while it publishes. An error that werift throws outside of every call ends it alone. */
export class Publication {
  /** 128 random bits: a client that knows it may end the session. */
  readonly id = randomBytes(16).toString('base64url')
  readonly answerSdp: string
  readonly camera: string
  readonly clientUfrag: string
  readonly peer: Peer
  readonly #options: PublicationOptions
  readonly #leave = new AbortController()
  #candidates: number
  readonly #createdAtMs = performance.now()
  /** Undefined until it is connected. */
  incoming: IncomingStream | undefined
  #connectedAtMs: number | undefined
  /** Set when it is started. */
  ended: Promise<PublishEnd> = new Promise(() => {})

  constructor(options: PublicationOptions) {
    const { camera, offer, mux, tcp, srtp, addresses, unprovenChecks, maxCandidates } = options
    this.#options = options
    this.camera = camera
    this.clientUfrag = offer.iceUfrag
    this.peer = this.run(() => new Peer(mux, srtp, addresses[0]!.address, unprovenChecks, { tcp }))
    this.answerSdp = writeAnswer(
      offer,
      {
        sessionId: String(randomInt(1, 2 ** 47)),
        iceUfrag: this.peer.ufrag,
        icePwd: this.peer.password,
        fingerprint: options.fingerprint,
        ssrc: 0,
        rtxSsrc: 0,
        audioSsrc: 0,
        streamId: camera,
        candidates: [
          ...candidateLines(addresses, mux.port),
          ...reflexiveCandidateLines(options.reflexive, addresses, mux.port),
          ...(tcp === undefined ? [] : tcpCandidateLines(addresses, tcp.port)),
        ],
        mayTrickle: false,
        setup: offer.isDtlsServer === true ? 'active' : 'passive',
      },
      'recvonly',
    )
    const candidates = offer.candidates.slice(0, maxCandidates)
    this.#candidates = candidates.length
    this.run(() => this.peer.setRemote({ ...offer, candidates }))
  }

  /** Aborted with a `PublishLeaveReason` when we end it. */
  get leave(): AbortSignal {
    return this.#leave.signal
  }

  /** Milliseconds since its last packet, or since its offer. */
  get silentMs(): number {
    return performance.now() - (this.incoming?.lastMediaAtMs ?? this.#createdAtMs)
  }

  connected(incoming: IncomingStream): void {
    this.incoming = incoming
    this.#connectedAtMs = performance.now()
  }

  get view(): PublisherView {
    const { camera, incoming, peer } = this
    const { address } = this.#options
    const nowMs = performance.now()
    return {
      camera,
      address,
      transport: peer.transport,
      forMs: nowMs - this.#createdAtMs,
      connectedForMs: this.#connectedAtMs === undefined ? undefined : nowMs - this.#connectedAtMs,
      bitrateBps: incoming?.bitrateBps,
      fractionLost: incoming?.stats.fractionLost,
      jitterMs: incoming?.stats.jitterMs,
    }
  }

  /** Runs `work` so that what it throws later, in a timer or an event, ends this publication. */
  run<T>(work: () => T): T {
    return runWithErrorHandler((error: unknown) => this.#fail(error), work)
  }

  end(reason: PublishLeaveReason): void {
    this.#leave.abort(reason)
  }

  async dismiss(reason: PublishLeaveReason = 'asked-to-leave'): Promise<void> {
    this.end(reason)
    await this.ended
  }

  /** Adds a trickled candidate; a line that cannot be used is ignored. @throws AppError `too-many-candidates`. */
  addCandidate(line: string): void {
    const { maxCandidates, unprovenChecks } = this.#options
    const candidate = parseCandidate(line)
    if (candidate !== undefined) {
      if (this.#candidates >= maxCandidates) throw tooManyCandidates(maxCandidates)
      this.#candidates++
      this.run(() => this.peer.addCandidate(candidate))
    }
    unprovenChecks.received(line.length)
  }

  #fail(error: unknown): void {
    if (this.leave.aborted) return
    const { camera, log } = this.#options
    log.warn('the WebRTC library failed, which ends one publisher', { camera, error: stackOf(error) })
    this.end('failed')
  }
}
