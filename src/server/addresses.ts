import { isIP } from 'node:net'
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import type { Config } from '../config/types.js'
import type { Log } from '../log.js'
import { AnnouncedNames } from '../viewer/transport/announced-names.js'
import { networksOf, offeredAddresses, type OfferedAddress } from '../viewer/transport/host-addresses.js'
import type { Reloadable } from './apply-config.js'
import type { Bindable } from './bindable.js'

export interface ServerAddresses extends Disposable, Reloadable {
  /**
   * The addresses of the media port, the preferred one first.
   * @param reachedAt the addresses at which the client reached this server.
   */
  media: (reachedAt: readonly string[]) => OfferedAddress[]
  /** The networks of this machine, such as `192.168.1.20/24`. */
  networks: () => string[]
  /** The address of the page, as a user on another machine types it. */
  page: () => string
}

export function createServerAddresses(config: Config, bindable: Bindable, log: Log): ServerAddresses {
  const names = new AnnouncedNames(() => config.webrtc.announce, log)
  let interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = {}
  const readInterfaces = (): typeof interfaces => {
    try {
      interfaces = networkInterfaces()
    } catch {
      // getifaddrs(3) needs a file descriptor; without one the last answer is good enough.
    }
    return interfaces
  }
  const addressesOn = (
    bindIp: string,
    announce: readonly OfferedAddress[],
    reachedAt: readonly string[],
  ): OfferedAddress[] =>
    offeredAddresses({
      bindIp: bindable(bindIp),
      piIp: config.server.piIp,
      announce,
      interfaces: readInterfaces(),
      reachedAt,
    })
  return {
    media: (reachedAt) => addressesOn(config.webrtc.udpBindIp, names.addresses, reachedAt),
    networks: () => networksOf(readInterfaces()),
    page: () => {
      const announced = config.webrtc.announce
        .filter(({ host, port }) => isIP(host) !== 0 && port === undefined)
        .map(({ host }) => ({ address: host }))
      return addressesOn(config.server.bindIp, announced, [])[0]!.address
    },
    apply: () => names.refresh(),
    [Symbol.dispose]: () => names[Symbol.dispose](),
  }
}
