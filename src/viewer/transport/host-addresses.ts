import { isIP } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'

/** Bridges of containers and virtual machines are unreachable from other hosts. */
const VIRTUAL_INTERFACE = /^(docker|br-|veth|virbr|vmnet|cni|flannel|lxc|lxd|podman)/

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>

/** An address of a candidate. */
export interface OfferedAddress {
  address: string
  /** Undefined for the port of the UDP socket; another one where a router or container maps it. */
  port?: number | undefined
}

export interface AddressOptions {
  bindIp: string
  piIp: string | undefined
  /** Addresses of the configuration, names already resolved. */
  announce: readonly OfferedAddress[]
  interfaces: Interfaces
  /** At which the client reached this server. */
  reachedAt?: readonly string[]
}

/**
 * Addresses of our candidates in order of preference: that at which the client reached the page, the configured ones, the machine's own,
 * loopback. Link-local addresses work on one link, so they are offered to a client of that link, or for want of any other.
 */
export function offeredAddresses({ bindIp, piIp, announce, interfaces, reachedAt = [] }: AddressOptions) {
  const takesAll = bindIp === '0.0.0.0' || bindIp === '::'
  const own = takesAll ? ownAddresses(interfaces, bindIp === '::') : [bindIp]
  const configured = [...(piIp === undefined ? [] : [{ address: piIp }]), ...announce]
  const reached = reachedAt
    .filter((address) => canReach(bindIp, address, interfaces))
    .flatMap((address) => {
      const mapped = announce.filter((one) => one.address === address)
      return mapped.length > 0 ? mapped : [{ address }]
    })
  const others = [...own, ...(takesAll ? ['127.0.0.1'] : [])].map((address) => ({ address }))
  return distinct([...reached, ...configured, ...others])
}

function distinct(all: readonly OfferedAddress[]): OfferedAddress[] {
  const byText = new Map(all.map((one) => [`${one.address} ${one.port ?? ''}`, one]))
  return [...byText.values()]
}

/** Whether datagrams to an address can arrive at our socket: its family fits, and an address of this machine is the bound one. */
function canReach(bindIp: string, address: string, interfaces: Interfaces): boolean {
  if (bindIp === '::') return true
  if (/^127\.|^::1$/.test(bindIp) || isIP(address) !== isIP(bindIp)) return false
  const isOurs = Object.values(interfaces).some((infos) => infos?.some((info) => info.address === address))
  return bindIp === '0.0.0.0' || address === bindIp || !isOurs
}

function ownAddresses(interfaces: Interfaces, ipv6: boolean): string[] {
  const own = Object.entries(interfaces)
    .filter(([name]) => !VIRTUAL_INTERFACE.test(name))
    .flatMap(([, infos]) => infos ?? [])
    .filter((info) => !info.internal && (info.family === 'IPv4' || ipv6))
    .sort((a, b) => (a.family === b.family ? 0 : a.family === 'IPv4' ? -1 : 1))
    .map((info) => info.address)
  const routable = own.filter((address) => !isLinkLocal(address))
  return routable.length > 0 ? routable : own
}

/** The networks of this machine, such as `192.168.1.20/24`. A client in the network of a container may be a proxy for others. */
export const networksOf = (interfaces: Interfaces): string[] =>
  Object.entries(interfaces)
    .filter(([name]) => !VIRTUAL_INTERFACE.test(name))
    .flatMap(([, infos = []]) => infos.filter(({ internal }) => !internal).map(({ cidr }) => cidr))
    .filter((cidr) => cidr !== null)

/** Every local address, those of virtual interfaces last; link-local IPv6 with its zone (RFC 4007 section 11). */
export function localAddresses(interfaces: Interfaces, ipv6: boolean): string[] {
  const named = Object.entries(interfaces).sort(
    ([a], [b]) => Number(VIRTUAL_INTERFACE.test(a)) - Number(VIRTUAL_INTERFACE.test(b)),
  )
  const addresses = named.flatMap(([name, infos = []]) =>
    infos
      .filter(({ family }) => family === 'IPv4' || ipv6)
      .map(({ address }) => (/^fe[89ab]/i.test(address) ? `${address}%${name}` : address)),
  )
  return [...new Set(addresses)]
}

export const isLinkLocal = (address: string): boolean =>
  address.startsWith('169.254.') || /^fe[89ab]/i.test(address)
