import { randomBytes } from 'node:crypto'
import { Candidate, parseMessage, RTCDtlsTransport, type RTCIceTransport, type StunProtocol } from 'werift'
import { isBindingError, isBindingRequest } from '../../lib/stun.js'
import type { SrtpKeys } from '../../srtp/profile.js'
import { SrtpSender } from '../../srtp/sender.js'
import type { SrtpBatch } from '../../srtp/stream.js'
import { ConnectFacts } from '../connecting/connect-facts.js'
import type { RemoteCandidate } from '../sdp/candidate.js'
import { DtlsGuard } from './dtls-guard.js'
import type { RemoteTransport } from '../sdp/client-offer.js'
import { isStun } from '../transport/stun.js'
import { openIceTransport } from './ice-transport.js'
import { MediaPath } from './media-path.js'
import { watchNominations } from './nominated-path.js'
import { CheckProtocol } from './check-protocol.js'
import { SecondProtocols, type SecondAgent, type SecondTransports } from './second-protocol.js'
import { UdpProtocol } from './udp-protocol.js'
import type { TcpConnection } from '../transport/tcp-connection.js'
import type { Address, MuxAgent, UdpMux } from '../transport/udp-mux.js'
import type { UnprovenChecks } from '../transport/unproven-checks.js'
import { abandonHandshake, internalsOf, type PairInternals, type ProtocolInternals } from './internals.js'
import { setRemoteParams } from './remote-params.js'
import { srtpKeysOf } from './srtp-keys.js'
import { verifyHandshake } from './verify-handshake.js'

export type PeerEnd = 'left' | 'connection-lost' | 'handshake-failed' | 'impostor'

/** The first DTLS flight can overtake the end of the ICE checks. */
const MAX_EARLY_DATAGRAMS = 8
const CHECKS_REMEMBERED = 256
/** werift needs none for DTLS. */
const NO_ADDRESS: Address = { address: '', port: 0 }

/**
 * One browser's transport: ICE, DTLS and SRTCP of werift over the shared ports. The muxes deliver only packets from addresses
 * and connections that passed an authenticated check.
 */
export class Peer implements MuxAgent, SecondAgent, AsyncDisposable {
  // RFC 8839 section 5.4 allows + and /, but not - and _ of base64url.
  readonly ufrag = randomBytes(9).toString('base64')
  readonly password = randomBytes(24).toString('base64')
  readonly #passwordKey = Buffer.from(this.password)
  readonly unprovenChecks: UnprovenChecks
  readonly #batch: SrtpBatch
  readonly #muxed: Disposable
  readonly #ice: RTCIceTransport
  readonly #dtls: RTCDtlsTransport
  readonly #udp: UdpProtocol
  readonly #second: SecondProtocols
  readonly #guard = new DtlsGuard()
  /** Why it does not connect, if it does not. */
  readonly facts = new ConnectFacts()
  #isProven = false
  /** The password of an agent that is controlled: its responses are what it proves its address by. */
  #controlled: Buffer | undefined
  readonly #path: MediaPath
  #early: Buffer[] | undefined = []
  #checks = 0
  #onFirstCheck = (): void => {}
  #onRemote: (remote: RemoteTransport) => void = () => {}
  #end: (reason: PeerEnd) => void = () => {}
  readonly ended: Promise<PeerEnd>
  /** The first authenticated connectivity check has arrived. */
  readonly checked = new Promise<void>((resolve) => (this.#onFirstCheck = resolve))
  /** A pair is nominated; the handshake is not done. */
  readonly reachable: Promise<void>
  /** Never resolves if the handshake or the verification fails. */
  readonly connected: Promise<SrtpSender>
  /** Receives decrypted compounds. */
  onRtcp: (compound: Buffer) => void = () => {}
  /** Receives protected RTP of a proven client; without it RTP is dropped. @returns whether the packet is authentic. */
  onRtp: ((packet: Buffer) => boolean) | undefined
  /** The keys with which the client sends; undefined before it is proven. */
  remoteKeys: SrtpKeys | undefined
  /** The last authenticated datagram. */
  lastHeardAtMs = performance.now()
  lastRtcpAtMs = performance.now()

  constructor(
    mux: UdpMux,
    batch: SrtpBatch,
    address: string,
    unprovenChecks: UnprovenChecks,
    second: SecondTransports = {},
  ) {
    this.#batch = batch
    this.unprovenChecks = unprovenChecks
    this.ended = new Promise((resolve) => (this.#end = resolve))
    const { ice, use } = openIceTransport(this)
    this.#ice = ice
    this.#dtls = new RTCDtlsTransport({}, this.#ice, undefined, [...batch.profiles])
    this.#dtls.role = 'server'
    this.#udp = new UdpProtocol(mux, this, address, this.facts)
    this.#second = new SecondProtocols(second, this, address, internalsOf(ice), this.facts)
    this.#path = new MediaPath(mux, internalsOf(ice), this.#second.all)
    use([this.#udp, ...this.#second.all])
    this.#muxed = mux.attach(this)
    this.reachable = watchNominations(internalsOf(this.#ice), () => this.#followNomination())
    this.connected = this.#connect(new Promise((resolve) => (this.#onRemote = resolve)))
  }

  /** Of two full agents the one that offers controls. Later, its answerer's first check would be a role conflict. */
  becomeControlling(): void {
    this.#ice.connection.iceControlling = true
  }

  /** Starts ICE and DTLS towards the client. Called once. */
  setRemote(remote: RemoteTransport): void {
    this.#onRemote(remote)
  }

  async #connect(remote: Promise<RemoteTransport>): Promise<SrtpSender> {
    this.#ice.onStateChange.subscribe((state) => {
      if (state === 'failed' || state === 'closed') this.#end('connection-lost')
      this.#followNomination()
    })
    this.#dtls.onStateChange.subscribe((state) => {
      if (state === 'failed') this.#end('handshake-failed')
      else if (state === 'closed') this.#end('left')
    })
    try {
      await this.#ice.connection.gatherCandidates()
      const described = await remote
      const { icePwd, candidates, isIceLite, isDtlsServer } = described
      setRemoteParams(this.#ice, this.#dtls, described)
      if (isIceLite) this.becomeControlling() // RFC 8445 section 6.1.1: the full agent controls
      if (described.isIceControlled ?? isIceLite) this.#controlled = Buffer.from(icePwd)
      for (const candidate of candidates) this.addCandidate(candidate)
      // A server is made while the client gathers candidates: it would wait for it afterwards. A client sends at once.
      const served = isDtlsServer === true ? undefined : this.#dtls.start()
      served?.catch(() => {}) // told where it is awaited
      await Promise.race([this.reachable, this.#ice.start()])
      const handshake = served ?? this.#dtls.start()
      handshake.catch(() => {})
      for (const datagram of this.#early?.splice(0) ?? []) this.#receiveDtls(datagram)
      this.#early = undefined
      await handshake
    } catch {
      this.#end('handshake-failed')
      return await new Promise<never>(() => {})
    }
    try {
      verifyHandshake(this.#dtls, this.#guard)
    } catch {
      this.#end('impostor')
      return await new Promise<never>(() => {})
    }
    const { local, remote: theirs } = srtpKeysOf(this.#dtls)
    this.remoteKeys = theirs
    this.#isProven = true
    this.facts.isConnected = true
    this.lastRtcpAtMs = performance.now()
    return new SrtpSender(local, this.#batch, this.#path.sendMedia)
  }

  addCandidate({ foundation, priority, address, port, type }: RemoteCandidate): void {
    const candidate = new Candidate(foundation, 1, 'udp', priority, address, port, type)
    this.#second.permit({ address, port })
    // Ignored: other candidates and the peer's own checks remain.
    this.#ice.connection.addRemoteCandidate(candidate).catch(() => {})
  }

  /** Undefined without a nominated pair. */
  get path(): { address: string | undefined; transport: 'udp' | 'tcp' | undefined } {
    const { address, transport } = this.#path
    return { address, transport: address === undefined ? undefined : transport }
  }

  get transport(): 'udp' | 'tcp' {
    return this.#path.transport
  }

  /** Whether packets go through a TURN server. */
  get isRelayed(): boolean {
    return this.#path.isRelayed
  }

  readonly hasRoom = (): boolean => this.#path.hasRoom()

  authenticates(check: Buffer): boolean {
    return parseMessage(check, this.#passwordKey) !== undefined
  }

  provesAddress(response: Buffer): boolean {
    return (
      this.#controlled !== undefined &&
      !isBindingError(response) &&
      parseMessage(response, this.#controlled) !== undefined
    )
  }

  receive(datagram: Buffer, from: Address): void {
    this.#receive(datagram, from, this.#udp)
  }

  receiveFrame(packet: Buffer, from: TcpConnection): void {
    this.#receive(packet, from, this.#second.tcp!)
  }

  receiveRelayed(packet: Buffer, from: Address, over: StunProtocol): void {
    this.#receive(packet, from, over)
  }

  readonly onTcpClosed = (): void => this.#followNomination()

  readonly onRelayClosed = (): void => {
    this.#followNomination()
    if (this.#isProven && !this.#path.isOpen) this.#end('connection-lost')
  }

  #receive(datagram: Buffer, from: Address, protocol: StunProtocol): void {
    const first = datagram[0] ?? 0
    if (isStun(datagram)) {
      this.facts.received(datagram, protocol === this.#udp ? 'udp' : 'tcp', from)
      if (isBindingRequest(datagram) || this.provesAddress(datagram)) this.#onCheck()
      if (protocol instanceof CheckProtocol && isBindingRequest(datagram))
        protocol.onCheckFrom([from.address, from.port])
      this.#toWerift(datagram, from, protocol)
      this.#followNomination()
    } else if (first >= 20 && first < 64) {
      this.facts.received(datagram, protocol === this.#udp ? 'udp' : 'tcp', from)
      if (this.#early === undefined) this.#receiveDtls(datagram, protocol === this.#udp ? from : undefined)
      else if (this.#early.length < MAX_EARLY_DATAGRAMS) this.#early.push(datagram)
    } else if (first >= 128 && first < 192) {
      this.#receiveSrtp(datagram, protocol === this.#udp ? from : undefined)
    }
  }

  /** werift never forgets transaction ids: some megabytes a day per viewer. */
  #onCheck(): void {
    this.lastHeardAtMs = performance.now()
    this.#onFirstCheck()
    if (++this.#checks % CHECKS_REMEMBERED !== 0) return
    for (const pair of this.#ice.connection.candidatePairs)
      (pair as unknown as PairInternals).requestTransactionIds.clear()
  }

  #toWerift(datagram: Buffer, from: Address, protocol: StunProtocol): void {
    ;(protocol as unknown as ProtocolInternals).datagramReceived(datagram, [from.address, from.port])
  }

  /** @param from undefined over TCP, and for a datagram that was early. */
  #receiveDtls(datagram: Buffer, from?: Address): void {
    const { pass, closed } = this.#guard.filter(datagram)
    if (!this.#isProven && from !== undefined) this.#path.follow(from)
    for (const record of pass) this.#toWerift(record, from ?? NO_ADDRESS, this.#udp)
    if (closed) this.#end('left')
  }

  /** RTP of a sendrecv viewer is dropped. @param from undefined over TCP. */
  #receiveSrtp(datagram: Buffer, from: Address | undefined): void {
    const type = datagram[1] ?? 0
    const isRtcp = type >= 192 && type <= 223
    if (!isRtcp && this.onRtp?.(datagram) === true) this.#heardFrom(from)
    if (!isRtcp || !this.#dtls.srtpStarted) return
    let compound: Buffer
    try {
      compound = this.#dtls.srtcp.decrypt(datagram)
    } catch {
      return // forged or damaged
    }
    this.#heardFrom(from)
    this.lastRtcpAtMs = this.lastHeardAtMs
    this.onRtcp(compound)
  }

  #heardFrom(from: Address | undefined): void {
    this.lastHeardAtMs = performance.now()
    if (from !== undefined) this.#path.follow(from)
  }

  sendRtcp(compound: Buffer): void {
    if (this.#isProven && this.#path.isOpen) this.#path.send(this.#dtls.srtcp.encrypt(compound))
  }

  /** Called after checks and responses only: asking werift per packet costs more than the encryption. */
  #followNomination(): void {
    this.#path.followNomination()
    if (this.#path.isOpen) this.facts.nominated()
    // Otherwise a direct path may still open.
    if (!this.#path.isDirect) return
    this.#udp.stopRepeating()
    this.#second.stopRelayChecks()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end('connection-lost')
    this.#muxed[Symbol.dispose]()
    abandonHandshake(this.#dtls.dtls)
    await using _closesAfterTheAlert = this.#second
    await this.#dtls.stop()
  }
}
