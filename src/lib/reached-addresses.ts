import { isIP } from 'node:net'
import { clientOf } from './client-address.js'
import { plainAddress } from './plain-address.js'

interface Connection {
  localAddress?: string | undefined
}

/**
 * The addresses at which a client reached this server: the one in its `Host` header, which a router or container may have translated,
 * then the one that its connection arrived at. A trusted proxy names the `Host` that its client sent. Loopback is none: it is what a
 * proxy on this machine uses.
 */
export function reachedAddresses(
  hosts: readonly (string | undefined)[],
  { localAddress }: Connection,
): string[] {
  const addresses = [...hosts.map((host) => host && addressIn(host)), localAddress]
  return [...new Set(addresses.map(bare).filter((address) => address !== undefined))]
}

/** The same of a request, from the environment that @hono/node-server passes. */
export function reachedAddressesOf(env: unknown): string[] {
  const incoming = (env as { incoming?: { socket: Connection; headers: { host?: string } } } | undefined)
    ?.incoming
  return incoming === undefined
    ? []
    : reachedAddresses([...clientOf(env).forwardedHosts, incoming.headers.host], incoming.socket)
}

/** RFC 9110 section 7.2: `Host` is a name or an address, an IPv6 address in brackets, with or without a port. */
const addressIn = (host: string): string | undefined => {
  const [, ipv6, ipv4] = /^(?:\[([\da-f:.]{2,45})\]|([\d.]{7,15}))(?::\d{0,5})?$/i.exec(host) ?? []
  return ipv6 ?? ipv4
}

/** Without zone and IPv4 mapping; undefined for what is no address of a host, or loopback. */
function bare(text: string | undefined): string | undefined {
  const address = plainAddress(text?.toLowerCase() ?? '')
  const isUnusable = /^(?:0\.|127\.|22[4-9]\.|2[3-5]\d\.|ff|::1?$)/.test(address)
  return isIP(address) === 0 || isUnusable ? undefined : address
}
