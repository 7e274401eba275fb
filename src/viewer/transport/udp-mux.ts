import { bindErrorHandler } from '../../lib/error-context.js'
import { isBindingError, isBindingRequest, transactionIdOf } from '../../lib/stun.js'
import { AddressOwners } from './address-owners.js'
import { occasionally } from './occasional-errors.js'
import { isStun, localUfragOf } from './stun.js'
import type { Address, SocketBatches, UdpEvents, UdpSocket } from './udp-socket.js'
import { openUdpSockets, type UdpSockets } from './udp-sockets.js'
import type { UnprovenChecks } from './unproven-checks.js'

export type { Address } from './udp-socket.js'

const MAX_OPEN_TRANSACTIONS = 4096
/** werift repeats a check at once after an error response. */
export const MAX_ERROR_RESPONSES = 8

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
 * One UDP port for all viewers of all cameras. Connectivity checks are routed by ICE user fragment and must be authenticated
 * (RFC 8445 section 7.3); other datagrams must come from an address that passed such a check, or that answered ours as an ICE-lite
 * client.
 */
export class UdpMux implements AsyncDisposable {
  readonly #sockets: UdpSockets
  readonly #agents = new Map<string, Attached>()
  readonly #owners = new AddressOwners<Attached>()
  readonly #transactions = new Map<string, { attached: Attached; sentTo: string }>()
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
  /** Receives responses to requests that are not an agent's. @returns false if it knows no such request. */
  onForeignResponse: (response: Buffer, from: Address) => boolean = () => false
  readonly #reportDropped: (error: unknown) => void

  /** @param open opens the sockets of one port. */
  constructor(open: (events: UdpEvents) => UdpSockets, onError: (error: Error) => void) {
    this.#reportDropped = occasionally(onError)
    this.#sockets = open({
      onError,
      onNoRoom: () => this.dropped.noRoom++,
      onDatagram: (datagram, from) => {
        try {
          this.#receive(datagram, from)
        } catch (error) {
          this.#logDropped(error)
        }
      },
    })
  }

  get port(): number {
    return this.#sockets.main.port
  }

  get sendImplementation(): UdpSocket['sendImplementation'] {
    return this.#sockets.main.sendImplementation
  }

  /** Drops the datagram only: its source address can be forged. */
  #logDropped(error: unknown): void {
    this.dropped.indigestible++
    this.#reportDropped(error)
  }

  attach(agent: MuxAgent): Disposable {
    this.#sockets.follow() // checks may soon arrive at an address that is new
    const attached: Attached = {
      agent,
      withErrorHandler: bindErrorHandler(),
      errorResponses: 0,
    }
    this.#agents.set(agent.ufrag, attached)
    return { [Symbol.dispose]: () => this.#detach(attached) }
  }

  /** Whether this socket can send to the family of an address. */
  canSendTo(address: string): boolean {
    return this.#sockets.main.canSendTo(address)
  }

  /** HOT: @returns false while the datagram is queued: its memory must not be reused. */
  send(datagram: Buffer, to: Address): boolean {
    return (to.via ?? this.#sockets.main).send(datagram, to.port, to.address)
  }

  /** HOT: copies the datagram, which may wait until the batches are flushed. */
  sendBatched(datagram: Buffer, to: Address): void {
    ;(to.via ?? this.#sockets.main).sendBatched(datagram, to)
  }

  /** The address with the socket on which its last datagram arrived. */
  pathTo({ address, port }: Address): Address {
    return { address, port, via: this.#owners.of(keyOf({ address, port }))?.via }
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
    this.send(check, this.pathTo(to))
  }

  #receive(datagram: Buffer, from: Address): void {
    if (!isStun(datagram)) this.#deliver(datagram, from)
    else if (isBindingRequest(datagram)) this.#receiveCheck(datagram, from)
    else this.#receiveResponse(datagram, from)
  }

  #deliver(datagram: Buffer, from: Address): void {
    const known = this.#owners.of(keyOf(from))
    if (known === undefined) {
      this.dropped.unknownAddress++
      return
    }
    known.via = from.via
    this.#deliverTo(known.owner, datagram, from)
  }

  #deliverTo({ agent, withErrorHandler }: Attached, datagram: Buffer, from: Address): void {
    withErrorHandler(() => agent.receive(datagram, from))
  }

  #receiveCheck(check: Buffer, from: Address): void {
    const attached = this.#agents.get(localUfragOf(check) ?? '')
    if (attached === undefined) this.dropped.unknownUfrag++
    else if (!attached.agent.authenticates(check)) this.dropped.badIntegrity++
    else if (!this.#owners.claim(keyOf(from), attached, performance.now(), from.via))
      this.dropped.foreignAddress++
    else {
      attached.agent.unprovenChecks.heardFrom(keyOf(from), check.length)
      this.#deliverTo(attached, check, from)
    }
  }

  #receiveResponse(response: Buffer, from: Address): void {
    const id = transactionIdOf(response)
    const transaction = this.#transactions.get(id)
    if (transaction === undefined) {
      if (!this.onForeignResponse(response, from)) this.dropped.unknownTransaction++
      return
    }
    const { attached, sentTo } = transaction
    this.#transactions.delete(id)
    if (keyOf(from) === sentTo) {
      attached.agent.unprovenChecks.prove(sentTo)
      if (attached.agent.provesAddress(response))
        this.#owners.claim(sentTo, attached, performance.now(), from.via)
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
    await this.#sockets[Symbol.asyncDispose]()
  }
}

const keyOf = ({ address, port }: Address): string => `${address} ${port}`

/**
 * @param port 0: any free port. @param address IPv4 or IPv6; `::` accepts both.
 * @throws Error (EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT)
 */
export const openUdpMux = async (
  port: number,
  address: string,
  onError: (error: Error) => void,
  batches?: SocketBatches,
): Promise<UdpMux> =>
  await Promise.resolve(new UdpMux((events) => openUdpSockets(port, address, events, batches), onError))
