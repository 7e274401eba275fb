import { isIPv4 } from 'node:net'
import { messageOf } from '../../lib/error-message.js'
import { stunServerOf, type MappedAddress } from '../../lib/stun.js'
import type { Log } from '../../log.js'
import { StunClient, type StunOutcome, type StunSocket } from './stun-client.js'

/** After a failure, which itself takes 39.5 s if the server is silent. */
const RETRY_INTERVAL_MS = 5000
/** How long an address of the server's name is used. */
const RESOLVED_MS = 10 * 60_000

/** All this file needs of the UDP mux. */
export interface ReflexiveSocket extends StunSocket {
  canSendTo(address: string): boolean
}

export interface StunServerOptions {
  /** `stun:host:port` */
  server: string
  mux: ReflexiveSocket
  log: Log
  resolve: (host: string, signal: AbortSignal) => Promise<string[]>
  nowMs: () => number
  /** Called when a mapping is found or has changed. */
  onChange: () => void
}

/** What the server says to one address family of the media socket. */
interface Mapping {
  readonly family: 'ipv4' | 'ipv6'
  known: MappedAddress | undefined
  answeredAtMs: number
  failedAtMs: number
  isAsking: boolean
}

const newMapping = (family: Mapping['family']): Mapping => ({
  family,
  known: undefined,
  answeredAtMs: -Infinity,
  failedAtMs: -Infinity,
  isAsking: false,
})

/** A STUN server that is asked by IPv4 and by IPv6 for the address of one media socket. IPv6 that fails does not delay IPv4. */
export class StunServer implements Disposable {
  readonly #options: StunServerOptions
  readonly #client: StunClient
  readonly #closed = new AbortController()
  readonly #mappings = [newMapping('ipv4'), newMapping('ipv6')]
  #addresses: string[] | undefined
  #resolvedAtMs = -Infinity
  #failedToResolveAtMs = -Infinity
  #isResolving = false
  #isFailing = false

  constructor(options: StunServerOptions) {
    this.#options = options
    this.#client = new StunClient(options.mux)
  }

  /** Whether it is this server, asked from this socket. */
  is(server: string, mux: ReflexiveSocket): boolean {
    return this.#options.server === server && this.#options.mux === mux
  }

  get known(): MappedAddress[] {
    return this.#mappings.flatMap(({ known }) => known ?? [])
  }

  get isAsking(): boolean {
    return this.#isResolving || this.#mappings.some(({ isAsking }) => isAsking)
  }

  get counts(): StunClient['counts'] {
    return this.#client.counts
  }

  /** @param freshMs a response that is not older is good enough. */
  ask(freshMs: number): void {
    const now = this.#options.nowMs()
    if (this.#isResolving || now - this.#failedToResolveAtMs < RETRY_INTERVAL_MS) return
    if (this.#addresses !== undefined && now - this.#resolvedAtMs < RESOLVED_MS) return this.#askEach(freshMs)
    this.#isResolving = true
    void this.#resolve()
      .then(() => this.#askEach(freshMs))
      .finally(() => (this.#isResolving = false))
  }

  /** A name server that fails later leaves the addresses that it named before. */
  async #resolve(): Promise<void> {
    const { server, nowMs, resolve } = this.#options
    try {
      this.#addresses = await resolve(stunServerOf(server).host, this.#closed.signal)
      this.#resolvedAtMs = nowMs()
    } catch (error) {
      this.#failedToResolveAtMs = nowMs()
      if (this.#addresses === undefined) this.#warn(`its name cannot be resolved (${messageOf(error)})`)
    }
  }

  #askEach(freshMs: number): void {
    const { server, mux, nowMs } = this.#options
    const { port } = stunServerOf(server)
    const reachable = this.#addresses?.filter((address) => mux.canSendTo(address)) ?? []
    if (this.#addresses !== undefined && reachable.length === 0)
      this.#warn('it has no address that the media port can send to')
    for (const mapping of this.#mappings) {
      const address = reachable.find((one) => familyOf(one) === mapping.family)
      const isFresh =
        nowMs() - mapping.answeredAtMs < freshMs || nowMs() - mapping.failedAtMs < RETRY_INTERVAL_MS
      if (address !== undefined && !isFresh && !mapping.isAsking && !this.#closed.signal.aborted)
        void this.#ask(mapping, { address, port })
    }
  }

  async #ask(mapping: Mapping, server: MappedAddress): Promise<void> {
    mapping.isAsking = true
    const outcome = await this.#client.ask(server)
    mapping.isAsking = false
    if (outcome.kind === 'answered' && isUsable(outcome.mapped, mapping.family))
      this.#note(mapping, outcome.mapped)
    else if (outcome.kind !== 'closed') this.#noteFailure(mapping, outcome)
  }

  #note(mapping: Mapping, mapped: MappedAddress): void {
    const { nowMs, log, server, onChange } = this.#options
    mapping.answeredAtMs = nowMs()
    mapping.failedAtMs = -Infinity
    this.#isFailing = false
    const before = mapping.known
    if (before?.address === mapped.address && before.port === mapped.port) return
    mapping.known = mapped
    const was = before === undefined ? {} : { before: textOf(before) }
    log.info('public address of the media port', { address: textOf(mapped), ...was, stunServer: server })
    onChange()
  }

  /** The known address stays: it may still be right, and costs a client little if it is not. */
  #noteFailure(mapping: Mapping, outcome: StunOutcome): void {
    mapping.failedAtMs = this.#options.nowMs()
    this.#resolvedAtMs = -Infinity // the name may have moved to another host
    const mayWork = ({ isAsking, known, failedAtMs }: Mapping): boolean =>
      isAsking || (known !== undefined && failedAtMs === -Infinity)
    if (!this.#mappings.some(mayWork)) this.#warn(describe(outcome))
  }

  #warn(problem: string): void {
    if (this.#isFailing || this.#closed.signal.aborted) return
    this.#isFailing = true
    const { server, log } = this.#options
    log.warn(`the STUN server does not tell the public address: ${problem}`, { stunServer: server })
  }

  [Symbol.dispose](): void {
    this.#closed.abort()
    this.#client[Symbol.dispose]()
  }
}

function describe(outcome: StunOutcome): string {
  if (outcome.kind === 'silent') return 'it does not respond'
  if (outcome.kind === 'refused' && outcome.code !== undefined)
    return `it responds with error ${outcome.code}`
  return 'its response has no usable address'
}

const familyOf = (address: string): Mapping['family'] => (isIPv4(address) ? 'ipv4' : 'ipv6')

/** Not unspecified, loopback, link-local or multicast: a client elsewhere cannot send to those. */
const isUsable = ({ address, port }: MappedAddress, family: Mapping['family']): boolean =>
  familyOf(address) === family &&
  port > 0 &&
  !/^(?:0\.|127\.|169\.254\.|22[4-9]\.|2[345]\d\.|::1?$|fe[89ab]|ff)/i.test(address)

const textOf = ({ address, port }: MappedAddress): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
