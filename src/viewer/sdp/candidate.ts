import { isIP } from 'node:net'

/** RFC 8839 section 5.1 */
export interface RemoteCandidate {
  foundation: string
  priority: number
  address: string
  port: number
  type: 'host' | 'srflx' | 'prflx' | 'relay'
}

/** RFC 8838, with or without the `candidate:` prefix. @returns undefined for unusable candidates and the end of candidates. */
export function parseCandidate(line: string): RemoteCandidate | undefined {
  const fields = line
    .replace(/^(a=)?candidate:/, '')
    .trim()
    .split(/\s+/)
  const [foundation = '', component, transport = '', priority, address = '', port, typ, type = ''] = fields
  if (typ !== 'typ') return undefined
  return usableCandidate({
    foundation,
    component: Number(component),
    transport,
    priority: Number(priority),
    address,
    port: Number(port),
    type,
  })
}

/** Accepts UDP with a numeric address. Browsers behind a `.local` name are found by their own checks, without multicast DNS. */
export function usableCandidate(candidate: {
  foundation: string
  component: number
  transport: string
  priority: number
  address: string
  port: number
  type: string
}): RemoteCandidate | undefined {
  const { foundation, component, transport, priority, address, port, type } = candidate
  if (transport.toLowerCase() !== 'udp' || component !== 1 || isIP(address) === 0) return undefined
  if (!Number.isInteger(port) || port < 1 || port > 65535) return undefined
  if (!Number.isInteger(priority) || priority < 0 || priority > 0xffffffff) return undefined
  if (type !== 'host' && type !== 'srflx' && type !== 'prflx' && type !== 'relay') return undefined
  return { foundation: foundation.slice(0, 32), priority, address, port, type }
}

/** Below every UDP candidate that needs no relay, as browsers rank their own: TCP is for clients that UDP does not reach. */
const TCP_TYPE_PREFERENCE = 90
/** RFC 6544 section 4.2: of a passive candidate. */
const PASSIVE = 4

/** Our host candidates in order of preference (RFC 8445 section 5.1.2.1). */
export const candidateLines = (addresses: string[], port: number): string[] =>
  addresses.map((address, i) => {
    const priority = 126 * 2 ** 24 + (65535 - i) * 2 ** 8 + 255
    return `${i + 1} 1 udp ${priority} ${address} ${port} typ host`
  })

/** Our passive TCP candidates in the same order (RFC 6544 section 4.5). Their foundations follow those of the UDP candidates. */
export const tcpCandidateLines = (addresses: string[], port: number): string[] =>
  addresses.map((address, i) => {
    const localPreference = PASSIVE * 2 ** 13 + (8191 - i)
    const priority = TCP_TYPE_PREFERENCE * 2 ** 24 + localPreference * 2 ** 8 + 255
    return `${addresses.length + i + 1} 1 tcp ${priority} ${address} ${port} typ host tcptype passive`
  })
