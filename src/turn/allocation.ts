import { isIPv4 } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { xorAddressOf, type MappedAddress } from '../lib/stun.js'
import {
  CHANNEL_HEADER_BYTES,
  FIRST_CHANNEL,
  isChannelData,
  readChannelData,
  writeChannelData,
} from './channel-data.js'
import type { TurnLink } from './link.js'
import {
  channelNumber,
  CHANNEL_BIND,
  dataOf,
  DATA_INDICATION,
  isResponse,
  isStunMessage,
  lifetime,
  lifetimeOf,
  peerAddress,
  REFRESH,
  XOR_PEER_ADDRESS,
} from './message.js'
import type { TurnTransactions } from './transactions.js'

/** For one answer: a server with two networks has about eight candidates. */
const MAX_CHANNELS = 16
const REQUEST_LIMIT_MS = 5000
/** A server that is gone keeps an allocation for ten minutes at most; a shutdown does not wait for it. */
const FREE_LIMIT_MS = 500

export interface AllocationTiming {
  /** RFC 8656 sections 9 and 12: permissions last 5 minutes, channels 10. */
  rebindMs: number
  /** Whatever lifetime the server grants. */
  minRefreshMs: number
  maxRefreshMs: number
}

export const allocationTiming: AllocationTiming = {
  rebindMs: 240_000,
  minRefreshMs: 30_000,
  maxRefreshMs: 3_600_000,
}

/** One peer of an allocation. */
export interface RelayChannel extends Readonly<MappedAddress> {
  /** HOT: once per packet. Drops it while the server has not bound the channel. The memory may be reused at once. */
  send(packet: Buffer): true
}

interface Bound {
  channel: RelayChannel
  number: number
  isBound: boolean
}

export interface AllocationParts {
  link: TurnLink
  transactions: TurnTransactions
  relayed: MappedAddress
  mapped: MappedAddress | undefined
  lifetimeS: number
  timing: AllocationTiming
}

/**
 * A relayed address at a TURN server (RFC 8656). It sends only to peers that it was told of, each through a channel, and it receives
 * only from addresses of these peers. The link has to pass on what it receives.
 */
export class Allocation implements AsyncDisposable {
  readonly relayed: MappedAddress
  /** Our own address as the server sees it. */
  readonly mapped: MappedAddress | undefined
  readonly isReliable: boolean
  readonly #link: TurnLink
  readonly #transactions: TurnTransactions
  readonly #timing: AllocationTiming
  readonly #byPeer = new Map<string, Bound>()
  readonly #byNumber = new Map<number, Bound>()
  readonly #over = new AbortController()
  readonly #running: Promise<unknown>
  /** Receives packets of peers. */
  onData: (packet: Buffer, from: MappedAddress) => void = () => {}
  /** The server has dropped the allocation, or the connection to it is gone. */
  onClosed: () => void = () => {}

  constructor({ link, transactions, relayed, mapped, lifetimeS, timing }: AllocationParts) {
    this.relayed = relayed
    this.mapped = mapped
    this.isReliable = link.isReliable
    this.#link = link
    this.#transactions = transactions
    this.#timing = timing
    this.#running = Promise.all([this.#keepAllocation(lifetimeS), this.#keepChannels()])
  }

  get isOpen(): boolean {
    return !this.#over.signal.aborted
  }

  /** Whether it can relay to the family of an address (RFC 8656 section 5). */
  canRelayTo(address: string): boolean {
    return isIPv4(address) === isIPv4(this.relayed.address)
  }

  /** Lets a peer in, and packets to it out, as soon as the server has agreed. Beyond 16 peers it does nothing. */
  permit(peer: MappedAddress): void {
    const key = keyOf(peer)
    const number = FIRST_CHANNEL + this.#byNumber.size
    if (!this.isOpen || this.#byPeer.has(key) || this.#byNumber.size >= MAX_CHANNELS) return
    if (!this.canRelayTo(peer.address)) return
    const bound: Bound = { channel: this.#channel(number, peer, () => bound.isBound), number, isBound: false }
    this.#byPeer.set(key, bound)
    this.#byNumber.set(number, bound)
    void this.#bind(bound)
  }

  /** Undefined for an address that no peer was permitted from. */
  channelTo(peer: MappedAddress): RelayChannel | undefined {
    return this.#byPeer.get(keyOf(peer))?.channel
  }

  /** Whether packets of an address may arrive: permissions are for addresses, not for ports (RFC 8656 section 9). */
  permits(address: string): boolean {
    return [...this.#byNumber.values()].some(({ channel }) => channel.address === address)
  }

  #channel(number: number, { address, port }: MappedAddress, isBound: () => boolean): RelayChannel {
    return {
      address,
      port,
      send: (packet) => {
        if (isBound() && this.isOpen) this.#link.send(writeChannelData(number, packet, this.isReliable))
        return true
      },
    }
  }

  async #bind(bound: Bound): Promise<void> {
    const { number, channel } = bound
    const outcome = await this.#transactions.request(CHANNEL_BIND, REQUEST_LIMIT_MS, (id) => [
      channelNumber(number),
      peerAddress(channel, id),
    ])
    if (outcome.kind === 'success') bound.isBound = true
    else if (outcome.kind === 'error') bound.isBound = false // it forbids this peer
  }

  /** @param message of the server. */
  receive(message: Buffer): void {
    if (message.length >= CHANNEL_HEADER_BYTES && isChannelData(message)) {
      const data = readChannelData(message)
      const bound = data && this.#byNumber.get(data.channel)
      if (bound !== undefined) this.onData(data!.packet, bound.channel)
    } else if (isStunMessage(message)) {
      if (isResponse(message)) this.#transactions.receive(message)
      else if (message.readUInt16BE(0) === DATA_INDICATION) this.#receiveIndication(message)
    }
  }

  #receiveIndication(message: Buffer): void {
    const from = xorAddressOf(message, XOR_PEER_ADDRESS)
    const packet = dataOf(message)
    if (from !== undefined && packet !== undefined && this.permits(from.address)) this.onData(packet, from)
  }

  /** The link is gone. */
  lost(): void {
    if (!this.isOpen) return
    this.#end()
    this.onClosed()
  }

  async #keepAllocation(granted: number): Promise<void> {
    const { minRefreshMs, maxRefreshMs } = this.#timing
    let lifetimeMs = granted * 1000
    let endsAtMs = performance.now() + lifetimeMs
    // At three quarters, and if that gets no response, again at three quarters of the rest.
    for (;;) {
      const leftMs = Math.max(0, endsAtMs - performance.now())
      const delayMs = Math.min(maxRefreshMs, Math.max(minRefreshMs, leftMs * 0.75))
      if (!(await this.#waits(delayMs))) return
      const outcome = await this.#transactions.request(REFRESH, REQUEST_LIMIT_MS, () => [])
      if (!this.isOpen) return
      if (outcome.kind === 'success') {
        lifetimeMs = Math.max(minRefreshMs * 2, (lifetimeOf(outcome.message) ?? 0) * 1000)
        endsAtMs = performance.now() + lifetimeMs
      } else if (outcome.kind === 'error' || performance.now() >= endsAtMs) return this.lost()
    }
  }

  async #keepChannels(): Promise<void> {
    while (await this.#waits(this.#timing.rebindMs))
      for (const bound of this.#byNumber.values()) await this.#bind(bound)
  }

  /** @returns false if it is over. */
  async #waits(ms: number): Promise<boolean> {
    const { signal } = this.#over
    return await sleep(ms, true, { signal }).catch(() => false)
  }

  #end(): void {
    this.#over.abort()
    this.#transactions.close()
    this.#link.close()
  }

  /** Frees the relayed address at the server (RFC 8656 section 8). */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isOpen) {
      this.#over.abort()
      this.#transactions.close()
      await this.#transactions.request(REFRESH, FREE_LIMIT_MS, () => [lifetime(0)])
      this.#end()
    }
    await this.#running
  }
}

const keyOf = ({ address, port }: MappedAddress): string => `${address} ${port}`
