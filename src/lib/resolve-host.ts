import { lookup, Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'

const TIMEOUT_MS = 2000
const TRIES = 2
/** The name server has answered, or there is none: `getaddrinfo` does not wait for it either. */
const NOT_IN_DNS = new Set(['ENOTFOUND', 'ENODATA', 'ECONNREFUSED'])

/**
 * The addresses of a host name, or of an address. DNS first, then `getaddrinfo` with /etc/hosts and multicast DNS: a call of
 * `getaddrinfo` cannot be cancelled, so a silent name server would block one of four threads and the end of the program for 10 to 30 s.
 * @param signal cancels.
 * @throws Error with the code of DNS, such as `ENOTFOUND` or `ETIMEOUT`.
 */
export async function resolveHost(
  host: string,
  signal: AbortSignal,
  resolver = createResolver(),
  getAddrInfo: (host: string) => Promise<{ address: string }[]> = async (name) =>
    await lookup(name, { all: true, order: 'verbatim' }),
): Promise<string[]> {
  if (isIP(host) !== 0) return [host]
  if (host.includes('.') && !host.endsWith('.local')) {
    const found = await fromDns(host, signal, resolver)
    if (found.length > 0 || signal.aborted) return found
  }
  return (await getAddrInfo(host)).map(({ address }) => address)
}

/**
 * The same of a name that a stranger chose, from DNS alone: with silent names of their own they could occupy every thread of
 * `getaddrinfo`.
 */
export const resolveInDns = async (
  host: string,
  signal: AbortSignal,
  resolver = createResolver(),
): Promise<string[]> => (isIP(host) === 0 ? await fromDns(host, signal, resolver) : [host])

const createResolver = (): Resolver => new Resolver({ timeout: TIMEOUT_MS, tries: TRIES })

/** @returns none if DNS does not know the name. */
async function fromDns(host: string, signal: AbortSignal, resolver: Resolver): Promise<string[]> {
  const cancel = (): void => resolver.cancel()
  signal.addEventListener('abort', cancel)
  try {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    const failure = answers.find(
      (answer) =>
        answer.status === 'rejected' && !NOT_IN_DNS.has((answer.reason as NodeJS.ErrnoException).code ?? ''),
    )
    if (found.length === 0 && failure?.status === 'rejected') throw failure.reason
    return found
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}
