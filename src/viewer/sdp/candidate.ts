import { isIP } from 'node:net'

/** A candidate of the client (RFC 8839 section 5.1) that an ICE agent over UDP can use. */
export interface RemoteCandidate {
  foundation: string
  priority: number
  address: string
  port: number
  type: 'host' | 'srflx' | 'prflx' | 'relay'
}

/**
 * Reads one trickled candidate line (RFC 8838), with or without its `candidate:` prefix.
 * @returns undefined for what cannot help, the end of candidates among it.
 */
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

/**
 * Keeps UDP candidates with a numeric address. A `.local` name would cost a multicast query each and opens a door on hosts
 * whose port 5353 is taken; the browser behind it is found by its own connectivity checks.
 */
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

/** RFC 8445 section 5.1.2.1: our host candidates, one for each announced address, the first one preferred. */
export const candidateLines = (addresses: string[], port: number): string[] =>
  addresses.map((address, i) => {
    const priority = 126 * 2 ** 24 + (65535 - i) * 2 ** 8 + 255
    return `${i + 1} 1 udp ${priority} ${address} ${port} typ host`
  })
