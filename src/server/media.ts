import type { Config } from '../config/types.js'
import { bindProblem } from '../http/connection/bind.js'
import { messageOf } from '../lib/error-message.js'
import type { Implementations } from '../http/routes/metrics-facts.js'
import type { Log } from '../log.js'
import { openMediaPort, type MediaEndpoint, type MediaPort } from '../viewer/transport/media-port.js'
import { openTcpMux, type TcpMux } from '../viewer/transport/tcp-mux.js'
import { openUdpMux, type UdpMux } from '../viewer/transport/udp-mux.js'

/** @throws Error that names the key when the port cannot be bound. */
export async function openMedia(config: Config, log: Log): Promise<MediaPort> {
  const udp = async ({ port, address }: MediaEndpoint): Promise<UdpMux> => {
    try {
      return await openUdpMux(port, address, (error) =>
        log.warn('the media socket reports an error', { error: error.message }),
      )
    } catch (error) {
      const addressKey = address === config.server.bindIp ? 'server.bind-ip' : 'webrtc.udp-bind-ip'
      const problem = bindProblem(error, 'webrtc.udp-port', port, address, addressKey)
      throw new Error(problem, { cause: error })
    }
  }
  const tcp = async (port: number, address: string): Promise<TcpMux | undefined> => {
    const use = httpPortOf(config, port)
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
  return await openMediaPort(mediaEndpointOf(config), { udp, tcp }, log)
}

/** TCP is off where an HTTP listener has the port. */
export const mediaEndpointOf = (config: Config): MediaEndpoint => ({
  port: config.webrtc.udpPort,
  address: config.webrtc.udpBindIp,
  tcp: config.webrtc.tcp,
})

/** @returns the key. */
function httpPortOf({ server, cameras }: Config, port: number): string | undefined {
  if (server.webPort === port) return 'server.web-port'
  const camera = cameras.find(({ webrtcPort }) => webrtcPort === port)
  return camera && `${camera.key}.webrtc-port`
}

/** Logs which implementations protect and send packets; with a fallback every packet costs more. */
export function logImplementations({ srtp, udpSend }: Implementations, log: Log): void {
  if (srtp === 'simd') log.info('SRTP: WebAssembly SIMD')
  else log.warn('this CPU has no WebAssembly SIMD; SRTP uses OpenSSL, which costs more CPU time per packet')
  if (udpSend === 'documented')
    log.warn(
      'the direct UDP send does not fit this version of Node.js; packets cost about 20 % more CPU time',
    )
}
