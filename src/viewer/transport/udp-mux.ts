import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { bindErrorHandler } from '../../lib/error-context.js'
import { isBindingError, isBindingRequest, transactionIdOf } from '../../lib/stun.js'
import { AddressOwners } from './address-owners.js'
import { chooseSend, type SendImplementation, type UdpSend } from './fast-send.js'
import { isStun, localUfragOf } from './stun.js'
import type { UnprovenChecks } from './unproven-checks.js'

const SOCKET_BUFFER_BYTES = 1024 * 1024
const MAX_OPEN_TRANSACTIONS = 4096
/** What may wait where the kernel has no room: a second of 8 Mbit/s. It is memory, and what waits longer is too late. */
const MAX_QUEUED_BYTES = 1024 * 1024
/** A peer that answers every check with an error would have us check again in a tight loop. */
const MAX_ERROR_RESPONSES = 8
/** Whoever makes us complain must not fill the log with it. */
const LOG_INTERVAL_MS = 10_000

export interface Address {
  address: string
  port: number
}

/** One viewer's ICE agent, as the mux sees it. */
export interface MuxAgent {
  readonly ufrag: string
  /** Which checks may be sent for it to addresses that have not answered. */
  readonly unprovenChecks: UnprovenChecks
  /** Whether a connectivity check carries a MESSAGE-INTEGRITY made with this agent's password. */
  authenticates(check: Buffer): boolean
  /** A datagram from an address that proved to know the password. */
  receive(datagram: Buffer, from: Address): void
}

interface Attached {
  agent: MuxAgent
  /** Runs work for the viewer whose agent it is: what a datagram sets going belongs to nobody else. */
  onItsBehalf: (work: () => void) => void
  errorResponses: number
}

/**
 * One UDP socket for every viewer of every camera: connectivity checks are told apart by ICE user fragment and let through only
 * when they are authenticated (RFC 8445 section 7.3); all else only from addresses that passed such a check.
 */
export class UdpMux implements AsyncDisposable {
  readonly #socket: Socket
  readonly #agents = new Map<string, Attached>()
  readonly #owners = new AddressOwners<Attached>()
  readonly #transactions = new Map<string, { attached: Attached; sentTo: string }>()
  readonly port: number
  readonly #sendNow: UdpSend
  readonly sendImplementation: SendImplementation
  readonly #mapsIpv4: boolean
  readonly dropped = {
    unknownUfrag: 0,
    badIntegrity: 0,
    unknownAddress: 0,
    unknownTransaction: 0,
    foreignAddress: 0,
    errorFlood: 0,
    noRoom: 0,
    unprovenAddress: 0,
    indigestible: 0,
  }
  #isQueueing = false
  readonly #onError: (error: Error) => void
  #loggedAtMs = -Infinity

  constructor(socket: Socket, onError: (error: Error) => void) {
    this.#socket = socket
    const bound = socket.address()
    this.port = bound.port
    this.#mapsIpv4 = bound.family === 'IPv6'
    const { sendNow, implementation } = chooseSend(socket)
    this.#sendNow = sendNow
    this.sendImplementation = implementation
    this.#onError = onError
    // Without a listener an ICMP error about one lost packet would end the process.
    socket.on('error', onError)
    socket.on('message', (datagram, from) => {
      try {
        this.#receive(datagram, from)
      } catch (error) {
        this.#logUndelivered(error)
      }
    })
  }

  /** Such a datagram is lost, as any may be; it ends nobody, for its sender's address can be forged. */
  #logUndelivered(error: unknown): void {
    this.dropped.indigestible++
    const now = performance.now()
    if (now - this.#loggedAtMs < LOG_INTERVAL_MS) return
    this.#loggedAtMs = now
    this.#onError(error instanceof Error ? error : new Error(String(error)))
  }

  attach(agent: MuxAgent): Disposable {
    const attached: Attached = {
      agent,
      onItsBehalf: bindErrorHandler(),
      errorResponses: 0,
    }
    this.#agents.set(agent.ufrag, attached)
    return { [Symbol.dispose]: () => this.#detach(attached) }
  }

  /**
   * HOT: fire and forget; a viewer's loss is its own.
   * @returns true when the memory may be written again: nothing waits there for room in the kernel's buffer.
   */
  send(datagram: Buffer, to: Address): boolean {
    if (this.#isQueueing && !this.#hasRoom()) {
      this.dropped.noRoom++
      return true
    }
    const mapped = this.#mapsIpv4 && to.address.includes('.')
    const isSent = this.#sendNow(datagram, to.port, mapped ? `::ffff:${to.address}` : to.address)
    if (!isSent) this.#isQueueing = true
    return isSent
  }

  #hasRoom(): boolean {
    const waitingBytes = this.#socket.getSendQueueSize()
    this.#isQueueing = waitingBytes > 0
    return waitingBytes < MAX_QUEUED_BYTES
  }

  /** Sends a connectivity check of an agent unless it is one too many, and remembers whose answer it is that will come. */
  sendCheck(agent: MuxAgent, check: Buffer, to: Address): void {
    const attached = this.#agents.get(agent.ufrag)
    if (attached === undefined) return
    const sentTo = keyOf(to)
    if (!agent.unprovenChecks.consume(sentTo, check.length)) {
      this.dropped.unprovenAddress++
      return
    }
    this.#transactions.set(transactionIdOf(check), { attached, sentTo })
    if (this.#transactions.size > MAX_OPEN_TRANSACTIONS)
      this.#transactions.delete(this.#transactions.keys().next().value!)
    this.send(check, to)
  }

  #receive(datagram: Buffer, info: RemoteInfo): void {
    const from = { address: info.address.replace(/^::ffff:/, ''), port: info.port }
    if (!isStun(datagram)) this.#deliver(datagram, from)
    else if (isBindingRequest(datagram)) this.#receiveCheck(datagram, from)
    else this.#receiveResponse(datagram, from)
  }

  #deliver(datagram: Buffer, from: Address): void {
    const owner = this.#owners.of(keyOf(from))
    if (owner === undefined) this.dropped.unknownAddress++
    else this.#hand(owner, datagram, from)
  }

  #hand({ agent, onItsBehalf }: Attached, datagram: Buffer, from: Address): void {
    onItsBehalf(() => agent.receive(datagram, from))
  }

  #receiveCheck(check: Buffer, from: Address): void {
    const attached = this.#agents.get(localUfragOf(check) ?? '')
    if (attached === undefined) this.dropped.unknownUfrag++
    else if (!attached.agent.authenticates(check)) this.dropped.badIntegrity++
    else if (!this.#owners.claim(keyOf(from), attached, performance.now())) this.dropped.foreignAddress++
    else {
      attached.agent.unprovenChecks.heardFrom(keyOf(from), check.length)
      this.#hand(attached, check, from)
    }
  }

  #receiveResponse(response: Buffer, from: Address): void {
    const id = transactionIdOf(response)
    const transaction = this.#transactions.get(id)
    if (transaction === undefined) {
      this.dropped.unknownTransaction++
      return
    }
    const { attached, sentTo } = transaction
    this.#transactions.delete(id)
    if (keyOf(from) === sentTo) attached.agent.unprovenChecks.prove(sentTo)
    if (isBindingError(response) && ++attached.errorResponses > MAX_ERROR_RESPONSES) this.dropped.errorFlood++
    else this.#hand(attached, response, from)
  }

  #detach(attached: Attached): void {
    if (this.#agents.get(attached.agent.ufrag) === attached) this.#agents.delete(attached.agent.ufrag)
    this.#owners.release(attached)
    for (const [id, { attached: asked }] of this.#transactions)
      if (asked === attached) this.#transactions.delete(id)
  }

  /** What is kept for viewers; all zero when nobody watches. */
  get held(): { agents: number; addresses: number; transactions: number } {
    return { agents: this.#agents.size, addresses: this.#owners.size, transactions: this.#transactions.size }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }
}

const keyOf = ({ address, port }: Address): string => `${address} ${port}`

/**
 * Binds the one UDP port.
 * @param port 0 for any free one. @param address an IPv4 address, or an IPv6 address (`::` takes IPv4 as well).
 * @throws Error (EADDRINUSE, EADDRNOTAVAIL) when it cannot be bound.
 */
export async function openUdpMux(
  port: number,
  address: string,
  onError: (error: Error) => void,
): Promise<UdpMux> {
  const type = address.includes(':') ? 'udp6' : 'udp4'
  const socket = createSocket({
    type,
    recvBufferSize: SOCKET_BUFFER_BYTES,
    sendBufferSize: SOCKET_BUFFER_BYTES,
    // Every address is numeric: answering at once saves a trip through the resolver for each packet.
    lookup: (host, _options, answer) => answer(null, host, type === 'udp6' ? 6 : 4),
  })
  try {
    const listening = once(socket, 'listening') // asked for first: with our lookup the event comes before bind returns
    socket.bind(port, address)
    await listening
  } catch (error) {
    socket.close()
    throw error
  }
  return new UdpMux(socket, onError)
}
