import { isBindingError, isBindingRequest } from '../../lib/stun.js'
import { isStun } from '../transport/stun.js'

export type Transport = 'udp' | 'tcp'

/** Where checks came from. A browser has one address for each of its networks; more are a hostile client's. */
const MAX_PATHS = 8

/** DTLS content and message types (RFC 6347 section 4.1, RFC 5246 sections 6.2.1 and 7.4). */
const CHANGE_CIPHER_SPEC = 20
const ALERT = 21
const HANDSHAKE = 22
const CLIENT_HELLO = 1
const SERVER_HELLO = 2
const CERTIFICATE = 11
const CLIENT_KEY_EXCHANGE = 16
const RECORD_HEADER_BYTES = 13

/** A client's address whose authenticated checks arrive. */
export interface CheckedPath {
  transport: Transport
  from: string
  /** The local address; undefined if the kernel does not say. */
  to: string | undefined
  checks: number
}

/** What a datagram's sender is known by. */
export interface Sender {
  address: string
  port: number
  via?: { readonly localAddress?: string | undefined } | undefined
}

/** What happened so far on the way to a connection. Counts, and never more than eight addresses. */
export class ConnectFacts {
  readonly paths: CheckedPath[] = []
  /** Authenticated checks of the client, and our responses to them. */
  readonly checks = { udp: 0, tcp: 0 }
  readonly replies = { udp: 0, tcp: 0 }
  /** Our own checks, and the responses of the client. */
  readonly ownChecks = { sent: 0, answered: 0 }
  /** Of performance.now(); undefined without a nominated pair. */
  nominatedAtMs: number | undefined
  readonly dtls = {
    received: 0,
    clientHellos: 0,
    /** The client's certificate or key exchange has arrived: it has read our flight. */
    isAnswered: false,
    hasCertificate: false,
    /** How often our ServerHello was sent, and the largest datagram of its flight. */
    flights: 0,
    largestBytes: 0,
    /** Of the first alert (RFC 5246 section 7.2). */
    alert: undefined as number | undefined,
  }
  isConnected = false

  /** @param packet a STUN message, whose checks were authenticated, or a DTLS datagram. */
  received(packet: Buffer, transport: Transport, from: Sender): void {
    if (this.isConnected) return
    if (!isStun(packet)) this.#receivedDtls(packet)
    else if (isBindingRequest(packet)) this.#receivedCheck(transport, from)
    else if (!isBindingError(packet)) this.ownChecks.answered++
  }

  #receivedCheck(transport: Transport, { address, port, via }: Sender): void {
    this.checks[transport]++
    const from = hostPort({ address, port })
    const to = via?.localAddress
    const known = this.paths.find(
      (path) => path.transport === transport && path.from === from && path.to === to,
    )
    if (known !== undefined) known.checks++
    else if (this.paths.length < MAX_PATHS) this.paths.push({ transport, from, to, checks: 1 })
  }

  #receivedDtls(packet: Buffer): void {
    const { dtls } = this
    dtls.received++
    const type = handshakeTypeOf(packet)
    if (packet[0] === ALERT) dtls.alert ??= packet.length === RECORD_HEADER_BYTES + 2 ? packet.at(-1) : 0
    if (type === CLIENT_HELLO) dtls.clientHellos++
    if (type === CERTIFICATE) dtls.hasCertificate = true
    if (type === CERTIFICATE || type === CLIENT_KEY_EXCHANGE || packet[0] === CHANGE_CIPHER_SPEC)
      dtls.isAnswered = true
  }

  /** @param packet STUN or DTLS, as werift sends it. */
  sent(packet: Buffer, transport: Transport): void {
    if (this.isConnected) return
    if (isStun(packet)) {
      if (isBindingRequest(packet)) this.ownChecks.sent++
      else if (!isBindingError(packet)) this.replies[transport]++
      return
    }
    const type = handshakeTypeOf(packet)
    if (type === SERVER_HELLO) this.dtls.flights++
    if (this.dtls.flights > 0 && !this.dtls.isAnswered)
      this.dtls.largestBytes = Math.max(this.dtls.largestBytes, packet.length)
  }

  nominated(): void {
    this.nominatedAtMs ??= performance.now()
  }
}

/** The type of the first handshake message in plain text. */
const handshakeTypeOf = (datagram: Buffer): number | undefined =>
  datagram[0] === HANDSHAKE && datagram.length > RECORD_HEADER_BYTES && datagram.readUInt16BE(3) === 0
    ? datagram[RECORD_HEADER_BYTES]
    : undefined

export const hostPort = ({ address, port }: { address: string; port: number }): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
