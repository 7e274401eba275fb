import { isPublic } from '../lib/address-kind.js'
import type { System } from './system.js'

/** The way from this machine to the Internet. */
export interface Router {
  interface: string
  /** The router's address in this network. */
  gateway: string
}

/**
 * The default route of `/proc/net/route`: `eth0 00000000 0101A8C0 0003 0 0 100 00000000 ...` with addresses in the byte order of the
 * machine. @returns undefined without one.
 */
export function parseDefaultRoute(text: string): Router | undefined {
  const routes = text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, gateway, , , , , mask]) => {
      return destination === '00000000' && mask === '00000000' && /^[\dA-F]{8}$/i.test(gateway ?? '')
    })
    .sort((a, b) => Number(a[6]) - Number(b[6]))
  const [name, , gateway] = routes[0] ?? []
  if (name === undefined || gateway === undefined || gateway === '00000000') return undefined
  return { interface: name, gateway: Buffer.from(gateway, 'hex').reverse().join('.') }
}

/** The routers before the Internet, as `tracepath -n` prints them: ` 1:  192.168.1.1   0.5ms`. */
export const parseHops = (text: string): string[] => [
  ...new Set(Array.from(text.matchAll(/^ *\d+: +([\d.]{7,15}) +[\d.]+ms/gm), ([, address]) => address!)),
]

/** Private routers behind the first one: two networks translate addresses. @returns none without tracepath. */
export async function innerRouters(system: System, to: string): Promise<string[]> {
  const { stdout } = await system.run('tracepath', ['-n', '-m', '4', to])
  const hops = parseHops(stdout)
  const outside = hops.findIndex(isPublic)
  return outside < 0 ? hops : hops.slice(0, outside)
}
