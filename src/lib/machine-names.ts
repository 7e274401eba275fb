import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

const RESOLV_CONF = '/etc/resolv.conf'
/** A new host name or search domain is known after this time. */
const CACHE_MS = 10_000

export interface MachineNamesOptions {
  hostname?: () => string
  /** @throws Error without such a file or a free file descriptor. */
  readResolvConf?: () => string
  nowMs?: () => number
}

/**
 * The names of this machine in its network, in lower case: its host name, alone, with `.local` (RFC 6762), and with each search domain
 * of resolv.conf(5).
 */
export function createMachineNames({
  hostname: readHostname = hostname,
  readResolvConf = () => readFileSync(RESOLV_CONF, 'utf8'),
  nowMs = () => performance.now(),
}: MachineNamesOptions = {}): () => ReadonlySet<string> {
  let names: ReadonlySet<string> = new Set()
  let domains: string[] = []
  let readAtMs = -Infinity
  return () => {
    if (nowMs() - readAtMs < CACHE_MS) return names
    readAtMs = nowMs()
    try {
      domains = searchDomains(readResolvConf())
    } catch {
      // Keep the previous domains.
    }
    names = namesOf(readHostname(), domains)
    return names
  }
}

/** @param hostname with or without a domain. */
function namesOf(hostname: string, domains: string[]): ReadonlySet<string> {
  const whole = hostname.toLowerCase().replace(/\.$/, '')
  const [label = ''] = whole.split('.')
  if (label === '') return new Set()
  return new Set([whole, label, `${label}.local`, ...domains.map((domain) => `${label}.${domain}`)])
}

/** resolv.conf(5): the last `domain` or `search` line applies. Accepting all of them is harmless. */
const searchDomains = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([keyword]) => keyword === 'search' || keyword === 'domain')
    .flatMap(([, ...domains]) => domains)
    .map((domain) => domain.toLowerCase().replace(/\.$/, ''))
    .filter((domain) => domain !== '' && domain !== '.')
