import { bindErrorHandler } from '../../lib/error-context.js'
import { isBindingError, isBindingRequest, transactionIdOf, type MappedAddress } from '../../lib/stun.js'
import { isStun, localUfragOf } from './stun.js'
import { MAX_ERROR_RESPONSES, type MuxAgent } from './udp-mux.js'
import type { UnprovenChecks } from './unproven-checks.js'

/** As many as the UDP mux allows each agent. */
const MAX_ADDRESSES = 32
const MAX_OPEN_TRANSACTIONS = 256

/** One peer that a TURN server relays to. */
export interface RelayChannel extends Readonly<MappedAddress> {
  /** HOT: drops the packet while the path is not open. The memory may be reused at once. */
  send(packet: Buffer): true
}

/** A relayed address at a TURN server (RFC 8656). */
export interface RelayedAddress extends AsyncDisposable {
  readonly relayed: MappedAddress
  /** Our own address as the TURN server sees it. */
  readonly mapped: MappedAddress | undefined
  /** Over TCP or TLS. */
  readonly isReliable: boolean
  readonly isOpen: boolean
  canRelayTo(address: string): boolean
  permit(peer: MappedAddress): void
  permits(address: string): boolean
  channelTo(peer: MappedAddress): RelayChannel | undefined
  onData: (packet: Buffer, from: MappedAddress) => void
  onClosed: () => void
}

/** A relayed address that an offer has, and the limit of the checks through it. */
export interface OfferedRelay {
  relay: RelayedAddress
  unprovenChecks: UnprovenChecks
}

export type RelayAgent = Pick<MuxAgent, 'ufrag' | 'authenticates' | 'provesAddress'>

/**
 * The guards of the UDP mux for what a TURN server passes on: that server may be hostile, and relays what strangers send. Checks must
 * be authenticated, responses must answer ours, and everything else must come from an address that passed one of both.
 */
export class RelayGuard {
  readonly dropped = {
    badCheck: 0,
    unknownAddress: 0,
    unknownTransaction: 0,
    errorFlood: 0,
    unprovenAddress: 0,
    indigestible: 0,
  }
  readonly #relay: RelayedAddress
  readonly #agent: RelayAgent
  readonly #unprovenChecks: UnprovenChecks
  readonly #addresses = new Set<string>()
  readonly #transactions = new Map<string, string>()
  readonly #withErrorHandler = bindErrorHandler()
  #errorResponses = 0
  /** @param from has sent an authenticated check, or an authenticated response as an ICE-lite client. */
  onPacket: (packet: Buffer, from: MappedAddress) => void = () => {}

  constructor(relay: RelayedAddress, agent: RelayAgent, unprovenChecks: UnprovenChecks) {
    this.#relay = relay
    this.#agent = agent
    this.#unprovenChecks = unprovenChecks
    relay.onData = (packet, from) => {
      try {
        this.#receive(packet, from)
      } catch {
        this.dropped.indigestible++
      }
    }
  }

  /** Sends what is not media. */
  send(packet: Buffer, to: MappedAddress): void {
    if (!isStun(packet) || !isBindingRequest(packet)) return void this.#relay.channelTo(to)?.send(packet)
    const sentTo = keyOf(to)
    const channel = this.#relay.channelTo(to)
    if (channel === undefined || !this.#unprovenChecks.consume(sentTo, packet.length)) {
      this.dropped.unprovenAddress++
      return
    }
    this.#transactions.set(transactionIdOf(packet), sentTo)
    if (this.#transactions.size > MAX_OPEN_TRANSACTIONS)
      this.#transactions.delete(this.#transactions.keys().next().value!)
    channel.send(packet)
  }

  #receive(packet: Buffer, from: MappedAddress): void {
    if (!isStun(packet)) {
      if (this.#addresses.has(keyOf(from))) this.#deliver(packet, from)
      else this.dropped.unknownAddress++
    } else if (isBindingRequest(packet)) this.#receiveCheck(packet, from)
    else this.#receiveResponse(packet, from)
  }

  #receiveCheck(check: Buffer, from: MappedAddress): void {
    if (localUfragOf(check) !== this.#agent.ufrag || !this.#agent.authenticates(check)) {
      this.dropped.badCheck++
    } else if (this.#claim(keyOf(from))) {
      this.#unprovenChecks.heardFrom(keyOf(from), check.length)
      this.#relay.permit(from) // another port of a candidate: a symmetric NAT
      this.#deliver(check, from)
    }
  }

  #receiveResponse(response: Buffer, from: MappedAddress): void {
    const id = transactionIdOf(response)
    const sentTo = this.#transactions.get(id)
    if (sentTo === undefined || sentTo !== keyOf(from)) {
      this.dropped.unknownTransaction++
      return
    }
    this.#transactions.delete(id)
    this.#unprovenChecks.prove(sentTo)
    if (this.#agent.provesAddress(response)) this.#claim(sentTo)
    if (isBindingError(response) && ++this.#errorResponses > MAX_ERROR_RESPONSES) this.dropped.errorFlood++
    else this.#deliver(response, from)
  }

  /** @returns false if there are too many. */
  #claim(address: string): boolean {
    if (this.#addresses.has(address)) return true
    if (this.#addresses.size >= MAX_ADDRESSES) {
      this.dropped.unknownAddress++
      return false
    }
    this.#addresses.add(address)
    return true
  }

  #deliver(packet: Buffer, from: MappedAddress): void {
    this.#withErrorHandler(() => this.onPacket(packet, from))
  }

  get held(): { addresses: number; transactions: number } {
    return { addresses: this.#addresses.size, transactions: this.#transactions.size }
  }
}

const keyOf = ({ address, port }: MappedAddress): string => `${address} ${port}`
