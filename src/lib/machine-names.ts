import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

const RESOLV_CONF = '/etc/resolv.conf'
/** A name given by DHCP, or a network that was joined later, counts from then on at the latest. */
const KEPT_MS = 10_000

export interface MachineNamesOptions {
  hostname?: () => string
  /** @throws Error where there is no such file, or no descriptor left to read it with. */
  readResolvConf?: () => string
  nowMs?: () => number
}

/**
 * The names under which this machine is reached in its own network: its host name, the same with `.local` (RFC 6762), and
 * with each search domain of resolv.conf(5).
 * @returns what gives them in small letters; it reads the file again after ten seconds at the earliest.
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
    if (nowMs() - readAtMs < KEPT_MS) return names
    readAtMs = nowMs()
    try {
      domains = searchDomains(readResolvConf())
    } catch {
      // The domains of the last reading stay.
    }
    names = namesOf(readHostname(), domains)
    return names
  }
}

/** The host name may come with its domain. */
function namesOf(hostname: string, domains: string[]): ReadonlySet<string> {
  const whole = hostname.toLowerCase().replace(/\.$/, '')
  const [label = ''] = whole.split('.')
  if (label === '') return new Set()
  return new Set([whole, label, `${label}.local`, ...domains.map((domain) => `${label}.${domain}`)])
}

/** resolv.conf(5): `domain` and `search` exclude each other, and the last one counts; taking all of them does no harm. */
const searchDomains = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([keyword]) => keyword === 'search' || keyword === 'domain')
    .flatMap(([, ...domains]) => domains)
    .map((domain) => domain.toLowerCase().replace(/\.$/, ''))
    .filter((domain) => domain !== '' && domain !== '.')
