import { probePort } from './probe-port.js'

/** Linux: no socket of that family, or no address of it. */
const WITHOUT_IPV6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT']

/** Whether `::` can be bound, which accepts IPv4 as well. A kernel may have no IPv6 (`ipv6.disable=1`). */
export async function canBindIpv6(
  bindError: (port: number, protocol: 'udp', host: string) => Promise<string | undefined> = probePort,
): Promise<boolean> {
  const error = await bindError(0, 'udp', '::')
  return error === undefined || !WITHOUT_IPV6.includes(error)
}

/** The address that is bound in place of a configured one. */
export const bindableAddress = (address: string, hasIpv6: boolean): string =>
  address === '::' && !hasIpv6 ? '0.0.0.0' : address
