import type { Config } from '../config/types.js'
import { bindProblem } from '../http/connection/bind.js'
import { messageOf } from '../lib/error-message.js'
import type { Log } from '../log.js'
import type { UdpBatches } from '../udp/udp-batches.js'
import type { Bindable } from './bindable.js'
import { openMediaPort, type MediaEndpoint, type MediaPort } from '../viewer/transport/media-port.js'
import { PublicAddress } from '../viewer/transport/public-address.js'
import { openTcpMux, type TcpMux } from '../viewer/transport/tcp-mux.js'
import { openUdpMux, type UdpMux } from '../viewer/transport/udp-mux.js'

/** @throws Error that names the key when the port cannot be bound. */
export async function openMedia(
  config: Config,
  bindable: Bindable,
  batches: UdpBatches,
  log: Log,
): Promise<MediaPort> {
  const udp = async ({ port, address }: MediaEndpoint): Promise<UdpMux> => {
    try {
      const onError = (error: Error): void =>
        log.warn('the media socket reports an error', { error: error.message })
      return await openUdpMux(port, address, onError, batches)
    } catch (error) {
      const addressKey = address === bindable(config.server.bindIp) ? 'server.bind-ip' : 'webrtc.udp-bind-ip'
      const problem = bindProblem(error, 'webrtc.udp-port', port, address, addressKey)
      throw new Error(problem, { cause: error })
    }
  }
  const tcp = async (port: number, address: string): Promise<TcpMux | undefined> => {
    const [, use] = tcpPorts(config).find(([taken]) => taken === port) ?? []
    if (use !== undefined) {
      log.warn(
        `${use} uses TCP port ${port}, so viewers get UDP only; set another webrtc.udp-port for ICE over TCP`,
      )
      return undefined
    }
    try {
      return await openTcpMux(port, address, (error) =>
        log.warn('the TCP media port reports an error', { error: error.message }),
      )
    } catch (error) {
      log.warn(`TCP port ${port} cannot be bound, so viewers get UDP only: ${messageOf(error)}`)
      return undefined
    }
  }
  return await openMediaPort(mediaEndpointOf(config, bindable), { udp, tcp }, log)
}

/** Asks the STUN server at once, so that the first viewer need not wait for its response. */
export function openPublicAddress(config: Config, media: MediaPort, log: Log): PublicAddress {
  const publicAddress = new PublicAddress({ server: () => config.webrtc.stunServer, media, log })
  publicAddress.refresh()
  return publicAddress
}

export const mediaEndpointOf = ({ webrtc }: Config, bindable: Bindable): MediaEndpoint => ({
  port: webrtc.udpPort,
  address: bindable(webrtc.udpBindIp),
  tcp: webrtc.tcp,
})

/** The configured ports over TCP that are not for media, by the key of each. */
function tcpPorts({ server, cameras, rtsp }: Config): [port: number, key: string][] {
  return [
    [server.webPort, 'server.web-port'],
    ...cameras.map(({ key, webrtcPort }): [number, string] => [webrtcPort, `${key}.webrtc-port`]),
    ...(rtsp.port === undefined ? [] : [[rtsp.port, 'rtsp.port'] as [number, string]]),
  ]
}

export const tcpPortsOf = (config: Config): ReadonlySet<number> =>
  new Set(tcpPorts(config).map(([port]) => port))
