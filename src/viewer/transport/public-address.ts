import { runWithoutErrorHandler } from '../../lib/error-context.js'
import { resolveHost } from '../../lib/resolve-host.js'
import type { MappedAddress } from '../../lib/stun.js'
import { StunServer, type ReflexiveSocket, type StunServerOptions } from './stun-server.js'

/** Routers keep a UDP mapping for 30 s or more (RFC 4787 section 4.3 requires 2 minutes). */
const REFRESH_INTERVAL_MS = 20_000
/** A viewer that comes later after the last response causes a request. */
const FRESH_MS = 10_000

export interface PublicAddressOptions extends Pick<StunServerOptions, 'log'> {
  /** `stun:host:port`; undefined for none. Read at each request, since a reload may change it. */
  server: () => string | undefined
  /** The socket for new viewers; a reload may replace it. */
  media: { readonly mux: ReflexiveSocket }
  resolve?: StunServerOptions['resolve']
  nowMs?: () => number
}

/** Since the start: requests, repeated ones included; responses of the server; dropped responses of other hosts. */
export interface StunCounts {
  requests: number
  responses: number
  forged: number
}

/**
 * The addresses and ports at which the Internet sees the media socket, as a STUN server reports them. It is asked at the start, when a
 * viewer comes after silence, and every 20 s while one connects or watches, which keeps the mapping of a router alive. Nothing waits
 * for a response.
 */
export class PublicAddress implements Disposable {
  readonly #options: PublicAddressOptions
  readonly #listeners = new Set<() => void>()
  #users = 0
  #refreshing: NodeJS.Timeout | undefined
  #server: StunServer | undefined
  #isClosed = false
  /** Of earlier servers and sockets. */
  #countsBefore: StunCounts = { requests: 0, responses: 0, forged: 0 }

  constructor(options: PublicAddressOptions) {
    this.#options = options
  }

  /** IPv4 first; empty until the server has answered. */
  get known(): readonly MappedAddress[] {
    return this.#current()?.known ?? []
  }

  /** Whether a response may still come. */
  get isAsking(): boolean {
    return this.#current()?.isAsking ?? false
  }

  get counts(): StunCounts {
    return addCounts(this.#countsBefore, this.#server?.counts)
  }

  /** Sends a request unless there was a response within 10 s or one is awaited. */
  refresh(): void {
    runWithoutErrorHandler(() => this.#current()?.ask(FRESH_MS))
  }

  /** Keeps the mapping alive until every user has left. */
  use(): Disposable {
    this.#users++
    this.#refreshing ??= runWithoutErrorHandler(() =>
      setInterval(() => this.#current()?.ask(0), REFRESH_INTERVAL_MS).unref(),
    )
    let isUsed = true
    return {
      [Symbol.dispose]: () => {
        if (isUsed && --this.#users === 0) this.#stopRefreshing()
        isUsed = false
      },
    }
  }

  /** Called when an address is found or has changed. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** What is known holds for one server and one socket. */
  #current(): StunServer | undefined {
    const { media, log, resolve = resolveHost, nowMs = () => performance.now() } = this.#options
    const server = this.#isClosed ? undefined : this.#options.server()
    if (server !== undefined && this.#server?.is(server, media.mux) === true) return this.#server
    this.#countsBefore = this.counts
    this.#server?.[Symbol.dispose]()
    const onChange = (): void => {
      for (const listener of this.#listeners) listener()
    }
    this.#server =
      server === undefined
        ? undefined
        : new StunServer({ server, mux: media.mux, log, resolve, nowMs, onChange })
    return this.#server
  }

  #stopRefreshing(): void {
    clearInterval(this.#refreshing)
    this.#refreshing = undefined
  }

  [Symbol.dispose](): void {
    this.#isClosed = true
    this.#stopRefreshing()
    this.#current()
    this.#listeners.clear()
  }
}

const addCounts = (a: StunCounts, b: StunCounts | undefined): StunCounts => ({
  requests: a.requests + (b?.requests ?? 0),
  responses: a.responses + (b?.responses ?? 0),
  forged: a.forged + (b?.forged ?? 0),
})
