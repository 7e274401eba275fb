import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import type { Config } from '../config/types.js'
import type { Limits } from '../config/limits.js'
import { tooManyOffers } from '../errors.js'
import { createAccessControl, type AccessControl } from '../http/auth/access-control.js'
import { bindProblem } from '../http/listen.js'
import type { Implementations } from '../http/routes/metrics.js'
import { createMachineNames } from '../lib/machine-names.js'
import { createRateLimit } from '../lib/rate-limit.js'
import type { Log } from '../log.js'
import type { AddressOptions } from '../viewer/transport/host-addresses.js'
import type { MediaEndpoint } from '../viewer/transport/media-port.js'
import { openUdpMux, type UdpMux } from '../viewer/transport/udp-mux.js'

/** What single parts take of the configuration. */

const machineNames = createMachineNames()

export const accessOf = ({ server }: Config, log: Log): AccessControl =>
  createAccessControl(server.access, {
    webPort: server.webPort,
    tls: server.tls !== undefined,
    machineNames,
    log,
  })

/** What access rests on: while it is the same, so is who guessed how often. */
export const accessSettings = ({ server: { access, webPort, tls } }: Config): string =>
  JSON.stringify([access, webPort, tls !== undefined])

/** What sessions rest on: with other credentials they end. */
export const credentialsOf = ({ server: { access } }: Config): string =>
  JSON.stringify([access.login?.username, access.login?.passwordText, access.token])

let known: NodeJS.Dict<NetworkInterfaceInfo[]> = {}

/**
 * The network interfaces, or those of the last time: asking takes a socket (getifaddrs(3)), and a viewer is to be told where to
 * connect also when no descriptor is left for one.
 */
function interfaces(): typeof known {
  try {
    known = networkInterfaces()
  } catch {
    // They change seldom.
  }
  return known
}

export const addressOptions = ({ server, webrtc }: Config, bindIp: string): AddressOptions => ({
  bindIp,
  piIp: server.piIp,
  announce: webrtc.announce,
  interfaces: interfaces(),
})

export const mediaEndpoint = ({ webrtc }: Config): MediaEndpoint => ({
  port: webrtc.udpPort,
  address: webrtc.udpBindIp,
})

/** @throws Error that names the key when the port cannot be bound. */
export async function openMux(
  { port, address }: MediaEndpoint,
  { server }: Config,
  log: Log,
): Promise<UdpMux> {
  try {
    return await openUdpMux(port, address, (error) =>
      log.warn('the media socket reports an error', { error: error.message }),
    )
  } catch (error) {
    const addressKey = address === server.bindIp ? 'server.bind-ip' : 'webrtc.udp-bind-ip'
    const problem = bindProblem(error, 'webrtc.udp-port', port, address, addressKey)
    throw new Error(problem, { cause: error })
  }
}

/** Reports which implementations protect and send packets: without the fast ones every packet costs more. */
export function logImplementations({ srtp, udpSend }: Implementations, log: Log): void {
  if (srtp === 'simd') log.info('SRTP: WebAssembly SIMD')
  else log.warn('this CPU has no WebAssembly SIMD; SRTP uses OpenSSL, which costs more CPU time per packet')
  if (udpSend === 'documented')
    log.warn(
      'the direct UDP send does not fit this version of Node.js; packets cost about 20 % more CPU time',
    )
}

/** What counts offers by the address they come from. @throws AppError `too-many-offers` for the one too many. */
export function offerCounter(limits: () => Limits): (address: string) => void {
  const offers = createRateLimit(() => ({ perSecond: limits().offersPerSecond, burst: limits().offerBurst }))
  return (address) => {
    const waitMs = offers.consume(address)
    if (waitMs > 0) throw tooManyOffers(waitMs)
  }
}
