import type { NetworkInterfaceInfo } from 'node:os'

/** Bridges and tunnels of containers and virtual machines: a browser elsewhere cannot reach them. */
const VIRTUAL_INTERFACE = /^(docker|br-|veth|virbr|vmnet|cni|flannel|lxc|lxd|podman)/

export interface AddressOptions {
  bindIp: string
  piIp: string | undefined
  announce: readonly string[]
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>
}

/**
 * The addresses that a viewer is told to try, the preferred one first: what the owner named, then the machine's own, then the
 * loopback address for a browser on this machine. Bound to one address, only that one is the machine's own.
 */
export function announcedAddresses({ bindIp, piIp, announce, interfaces }: AddressOptions): string[] {
  const takesAll = bindIp === '0.0.0.0' || bindIp === '::'
  const own = takesAll ? ownAddresses(interfaces, bindIp === '::') : [bindIp]
  const named = piIp === undefined ? announce : [piIp, ...announce]
  return [...new Set([...named, ...own, ...(takesAll ? ['127.0.0.1'] : [])])]
}

/** The address to print and to show: `pi-ip`, else the first that others can reach. */
export const shownAddress = (options: AddressOptions): string => announcedAddresses(options)[0] ?? '127.0.0.1'

function ownAddresses(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>, ipv6: boolean): string[] {
  return Object.entries(interfaces)
    .filter(([name]) => !VIRTUAL_INTERFACE.test(name))
    .flatMap(([, infos]) => infos ?? [])
    .filter((info) => !info.internal && !isLinkLocal(info.address) && (info.family === 'IPv4' || ipv6))
    .sort((a, b) => (a.family === b.family ? 0 : a.family === 'IPv4' ? -1 : 1))
    .map((info) => info.address)
}

const isLinkLocal = (address: string): boolean => address.startsWith('169.254.') || /^fe[89ab]/i.test(address)
