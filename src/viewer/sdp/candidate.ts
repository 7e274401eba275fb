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

/** The address of a host candidate. */
interface HostAddress {
  address: string
  /** If a router maps another one to the media port. */
  port?: number | undefined
}

/** What RFC 8839 section 5.1 recommends if the base is not to be shown, or not known. */
const NO_BASE = { ipv4: { address: '0.0.0.0', port: 9 }, ipv6: { address: '::', port: 9 } }

/**
 * Our server-reflexive candidates (RFC 8445 section 5.1.1.2). One that equals a host candidate is redundant (section 5.1.3).
 * @param mapped as a STUN server sees the media socket. @param hosts of the host candidates. @param port of hosts without one.
 */
export const reflexiveCandidateLines = (
  mapped: readonly { address: string; port: number }[],
  hosts: readonly HostAddress[],
  port: number,
): string[] =>
  mapped
    .filter(
      ({ address, port: own }) =>
        !hosts.some((host) => host.address === address && (host.port ?? port) === own),
    )
    .map((own, i) => {
      const isIpv6 = own.address.includes(':')
      const base = hosts.find(
        ({ address }) => address.includes(':') === isIpv6 && !/^(?:127\.|::1$)/.test(address),
      )
      const related = base === undefined ? NO_BASE[isIpv6 ? 'ipv6' : 'ipv4'] : { address: base.address, port }
      const priority = 100 * 2 ** 24 + (65535 - i) * 2 ** 8 + 255
      // A foundation of its own for each family: type, base and server are the same (RFC 8445 section 5.1.1.3).
      return `srflx${isIpv6 ? 6 : 4} 1 udp ${priority} ${own.address} ${own.port} typ srflx raddr ${related.address} rport ${related.port}`
    })

/**
 * RFC 8445 section 5.1.2.1: below everything that needs no relay, and TCP to the server below UDP, as browsers rank them.
 * @param order among our relayed addresses, from 0.
 */
export const relayPriority = (isReliable: boolean, order: number): number =>
  (isReliable ? 1 : 2) * 2 ** 24 + (65535 - order) * 2 ** 8 + 255

/** Our relayed candidates (RFC 8839 section 5.1). */
export const relayCandidateLines = (
  relays: readonly {
    relayed: { address: string; port: number }
    mapped: { address: string; port: number } | undefined
    isReliable: boolean
  }[],
): string[] =>
  relays.map(({ relayed, mapped, isReliable }, i) => {
    const { address, port } = mapped ?? NO_BASE[relayed.address.includes(':') ? 'ipv6' : 'ipv4']
    return `relay${i} 1 udp ${relayPriority(isReliable, i)} ${relayed.address} ${relayed.port} typ relay raddr ${address} rport ${port}`
  })

/** @param port of addresses without one. @returns our host candidates in order of preference (RFC 8445 section 5.1.2.1). */
export const candidateLines = (addresses: readonly HostAddress[], port: number): string[] =>
  addresses.map((offered, i) => {
    const priority = 126 * 2 ** 24 + (65535 - i) * 2 ** 8 + 255
    return `${i + 1} 1 udp ${priority} ${offered.address} ${offered.port ?? port} typ host`
  })

/** Our passive TCP candidates in the same order (RFC 6544 section 4.5). Their foundations follow those of the UDP candidates. */
export const tcpCandidateLines = (addresses: readonly HostAddress[], port: number): string[] =>
  addresses.map((offered, i) => {
    const localPreference = PASSIVE * 2 ** 13 + (8191 - i)
    const priority = TCP_TYPE_PREFERENCE * 2 ** 24 + localPreference * 2 ** 8 + 255
    return `${addresses.length + i + 1} 1 tcp ${priority} ${offered.address} ${offered.port ?? port} typ host tcptype passive`
  })
