import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import type { Config } from '../config/types.js'
import { announcedAddresses } from '../viewer/transport/host-addresses.js'

export interface ServerAddresses {
  /** The addresses of the media port, the preferred one first. */
  media: () => string[]
  /** The address of the page, as a user on another machine types it. */
  page: () => string
}

export function createServerAddresses(config: Config): ServerAddresses {
  let interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = {}
  const addressesOn = (bindIp: string): string[] => {
    try {
      interfaces = networkInterfaces()
    } catch {
      // getifaddrs(3) needs a file descriptor; without one the last answer is good enough.
    }
    const { piIp } = config.server
    return announcedAddresses({ bindIp, piIp, announce: config.webrtc.announce, interfaces })
  }
  return {
    media: () => addressesOn(config.webrtc.udpBindIp),
    page: () => addressesOn(config.server.bindIp)[0]!,
  }
}
