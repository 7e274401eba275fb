import type { NetworkInterfaceInfo } from 'node:os'

/** Bridges of containers and virtual machines are unreachable from other hosts. */
const VIRTUAL_INTERFACE = /^(docker|br-|veth|virbr|vmnet|cni|flannel|lxc|lxd|podman)/

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>

export interface AddressOptions {
  bindIp: string
  piIp: string | undefined
  announce: readonly string[]
  interfaces: Interfaces
}

/** Addresses of our candidates in order of preference: configured, the machine's own, loopback. */
export function announcedAddresses({ bindIp, piIp, announce, interfaces }: AddressOptions): string[] {
  const takesAll = bindIp === '0.0.0.0' || bindIp === '::'
  const own = takesAll ? ownAddresses(interfaces, bindIp === '::') : [bindIp]
  const named = piIp === undefined ? announce : [piIp, ...announce]
  return [...new Set([...named, ...own, ...(takesAll ? ['127.0.0.1'] : [])])]
}

export const shownAddress = (options: AddressOptions): string => announcedAddresses(options)[0] ?? '127.0.0.1'

function ownAddresses(interfaces: Interfaces, ipv6: boolean): string[] {
  return Object.entries(interfaces)
    .filter(([name]) => !VIRTUAL_INTERFACE.test(name))
    .flatMap(([, infos]) => infos ?? [])
    .filter((info) => !info.internal && !isLinkLocal(info.address) && (info.family === 'IPv4' || ipv6))
    .sort((a, b) => (a.family === b.family ? 0 : a.family === 'IPv4' ? -1 : 1))
    .map((info) => info.address)
}

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

const isLinkLocal = (address: string): boolean => address.startsWith('169.254.') || /^fe[89ab]/i.test(address)
