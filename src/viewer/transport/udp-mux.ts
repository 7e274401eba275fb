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
/** One second at 8 Mbit/s: later packets are useless. */
const MAX_QUEUED_BYTES = 1024 * 1024
/** werift repeats a check at once after an error response. */
export const MAX_ERROR_RESPONSES = 8
const LOG_INTERVAL_MS = 10_000

export interface Address {
  address: string
  port: number
}

export interface MuxAgent {
  readonly ufrag: string
  readonly unprovenChecks: UnprovenChecks
  /** Verifies MESSAGE-INTEGRITY with this agent's password. */
  authenticates(check: Buffer): boolean
  /** Whether a success response of an ICE-lite client, which sends no checks, proves its address. */
  provesAddress(response: Buffer): boolean
  /** @param from has sent an authenticated check, or as an ICE-lite client an authenticated response. */
  receive(datagram: Buffer, from: Address): void
}

interface Attached {
  agent: MuxAgent
  /** Attributes errors to the viewer of the agent. */
  withErrorHandler: (work: () => void) => void
  errorResponses: number
}

/**
 * One UDP socket for all viewers of all cameras. Connectivity checks are routed by ICE user fragment and must be authenticated
 * (RFC 8445 section 7.3); other datagrams must come from an address that passed such a check, or that answered ours as an ICE-lite
 * client.
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
        this.#logDropped(error)
      }
    })
  }

  /** Drops the datagram only: its source address can be forged. */
  #logDropped(error: unknown): void {
    this.dropped.indigestible++
    const now = performance.now()
    if (now - this.#loggedAtMs < LOG_INTERVAL_MS) return
    this.#loggedAtMs = now
    this.#onError(error instanceof Error ? error : new Error(String(error)))
  }

  attach(agent: MuxAgent): Disposable {
    const attached: Attached = {
      agent,
      withErrorHandler: bindErrorHandler(),
      errorResponses: 0,
    }
    this.#agents.set(agent.ufrag, attached)
    return { [Symbol.dispose]: () => this.#detach(attached) }
  }

  /** HOT: @returns false while the datagram is queued: its memory must not be reused. */
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

  /** Sends a check within the limits, and routes the response to the agent. */
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
    else this.#deliverTo(owner, datagram, from)
  }

  #deliverTo({ agent, withErrorHandler }: Attached, datagram: Buffer, from: Address): void {
    withErrorHandler(() => agent.receive(datagram, from))
  }

  #receiveCheck(check: Buffer, from: Address): void {
    const attached = this.#agents.get(localUfragOf(check) ?? '')
    if (attached === undefined) this.dropped.unknownUfrag++
    else if (!attached.agent.authenticates(check)) this.dropped.badIntegrity++
    else if (!this.#owners.claim(keyOf(from), attached, performance.now())) this.dropped.foreignAddress++
    else {
      attached.agent.unprovenChecks.heardFrom(keyOf(from), check.length)
      this.#deliverTo(attached, check, from)
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
    if (keyOf(from) === sentTo) {
      attached.agent.unprovenChecks.prove(sentTo)
      if (attached.agent.provesAddress(response)) this.#owners.claim(sentTo, attached, performance.now())
    }
    if (isBindingError(response) && ++attached.errorResponses > MAX_ERROR_RESPONSES) this.dropped.errorFlood++
    else this.#deliverTo(attached, response, from)
  }

  #detach(attached: Attached): void {
    if (this.#agents.get(attached.agent.ufrag) === attached) this.#agents.delete(attached.agent.ufrag)
    this.#owners.release(attached)
    for (const [id, { attached: other }] of this.#transactions)
      if (other === attached) this.#transactions.delete(id)
  }

  /** All zero without viewers. */
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

/** @param port 0: any free port. @param address IPv4 or IPv6; `::` accepts both. @throws Error (EADDRINUSE, EADDRNOTAVAIL) */
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
    // Addresses are numeric: saves the resolver for each packet.
    lookup: (host, _options, answer) => answer(null, host, type === 'udp6' ? 6 : 4),
  })
  try {
    const listening = once(socket, 'listening') // before bind: with our lookup the event fires synchronously
    socket.bind(port, address)
    await listening
  } catch (error) {
    socket.close()
    throw error
  }
  return new UdpMux(socket, onError)
}
