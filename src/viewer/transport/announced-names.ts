import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { alignedInterval } from '../../lib/aligned-interval.js'
import type { Log } from '../../log.js'
import type { OfferedAddress } from './host-addresses.js'

/** Dynamic names change with the line, and their answers may be kept for a minute. */
const REFRESH_MS = 60_000
const TIMEOUT_MS = 5000
const TRIES = 2
const MOST_ADDRESSES = 4

export interface Announced {
  host: string
  port: number | undefined
}

interface Answers {
  ipv4: string[]
  ipv6: string[]
  /** Logged once for each outage. */
  isFailing: boolean
}

/**
 * The addresses of announced host names, asked for in the background: at start, after a reload, and every minute. The last good answer
 * stays in use. `Resolver` asks the DNS servers itself: a `dns.lookup` without an answer would occupy a thread, and hold up the end of
 * the process.
 */
export class AnnouncedNames implements Disposable {
  readonly #announced: () => readonly Announced[]
  readonly #log: Log
  readonly #createResolver: () => Resolver
  readonly #known = new Map<string, Answers>()
  readonly #asking = new Map<string, Resolver>()
  readonly #refreshing: Disposable
  #isClosed = false

  /** @param announced read at each use, because a reload may change it. */
  constructor(
    announced: () => readonly Announced[],
    log: Log,
    createResolver = (): Resolver => new Resolver({ timeout: TIMEOUT_MS, tries: TRIES }),
  ) {
    this.#announced = announced
    this.#log = log
    this.#createResolver = createResolver
    this.#refreshing = alignedInterval(REFRESH_MS, () => this.refresh())
    this.refresh()
  }

  /** Announced addresses, those of names as far as they are known. */
  get addresses(): OfferedAddress[] {
    return this.#announced().flatMap(({ host, port }) => {
      if (!isName(host)) return [{ address: host, port }]
      const { ipv4 = [], ipv6 = [] } = this.#known.get(host) ?? {}
      return [...ipv4, ...ipv6].map((address) => ({ address, port }))
    })
  }

  /** Asks for every name, except those that are being asked for. */
  refresh(): void {
    const names = new Set(
      this.#announced()
        .map(({ host }) => host)
        .filter(isName),
    )
    for (const known of this.#known.keys()) if (!names.has(known)) this.#known.delete(known)
    for (const name of names) if (!this.#asking.has(name) && !this.#isClosed) void this.#ask(name)
  }

  async #ask(name: string): Promise<void> {
    // A new one reads /etc/resolv.conf, which follows the network.
    const resolver = this.#createResolver()
    this.#asking.set(name, resolver)
    const { ipv4, ipv6, error } = await askDns(resolver, name)
    this.#asking.delete(name)
    if (this.#isClosed) return
    const before = this.#known.get(name) ?? { ipv4: [], ipv6: [], isFailing: false }
    const isFailing = (ipv4 ?? []).length + (ipv6 ?? []).length === 0
    const next = isFailing ? before : { ipv4: ipv4 ?? before.ipv4, ipv6: ipv6 ?? before.ipv6 }
    this.#known.set(name, { ...next, isFailing })
    const addresses = textOf(next)
    if (addresses !== textOf(before)) this.#log.info('an announced name was resolved', { name, addresses })
    if (isFailing && !before.isFailing)
      this.#log.warn('an announced name has no address; the last answer stays in use', {
        name,
        addresses,
        error,
      })
  }

  [Symbol.dispose](): void {
    this.#isClosed = true
    this.#refreshing[Symbol.dispose]()
    for (const resolver of this.#asking.values()) resolver.cancel()
  }
}

/** As the configuration was checked: an address of either family, or a name. */
const isName = (host: string): boolean => isIP(host) === 0

/** @returns what each family of a name has: undefined for a failure, which says nothing about the addresses. */
export async function askDns(
  resolver: Resolver,
  name: string,
): Promise<{ ipv4: string[] | undefined; ipv6: string[] | undefined; error: string }> {
  const [a, aaaa] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  const error = a.status === 'rejected' ? String(a.reason) : 'no address that a browser can reach'
  return { ipv4: usable(a), ipv6: usable(aaaa), error }
}

const textOf = ({ ipv4, ipv6 }: Pick<Answers, 'ipv4' | 'ipv6'>): string => [...ipv4, ...ipv6].join(', ')

/** @returns undefined if the last answer stays: a silent or failing server, and a name that is gone for now. */
function usable(answer: PromiseSettledResult<string[]>): string[] | undefined {
  if (answer.status === 'rejected')
    return (answer.reason as NodeJS.ErrnoException).code === 'ENODATA' ? [] : undefined
  // A server that blocks a name answers with 0.0.0.0.
  return answer.value.filter((address) => !/^(?:0\.|127\.|::1?$)/.test(address)).slice(0, MOST_ADDRESSES)
}
