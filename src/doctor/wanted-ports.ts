import { preferredIngestPorts } from '../camera/gstreamer/ports.js'
import type { Config } from '../config/types.js'
import { bindableAddress } from '../lib/bind-address.js'

/** A port that the server binds. */
export interface WantedPort {
  port: number
  protocol: 'udp' | 'tcp'
  /** The configuration key that sets it. */
  key: string
  host: string
  /** The server falls back to another one if it is in use. */
  isReplaceable: boolean
}

/** The ports that a firewall has to open: those below, and the TCP port of the media, without which there is UDP only. */
export function openedPorts(config: Config): WantedPort[] {
  const { udpPort, udpBindIp, tcp } = config.webrtc
  const wanted = wantedPorts(config)
  if (!tcp || udpPort === 0 || wanted.some(({ port, protocol }) => port === udpPort && protocol === 'tcp'))
    return wanted
  const host = bindableAddress(udpBindIp, true)
  return [...wanted, { port: udpPort, protocol: 'tcp', key: 'webrtc.tcp', host, isReplaceable: true }]
}

/** Every port of a configuration, except those that the system chooses (0). */
export function wantedPorts({ server, webrtc, cameras, rtsp }: Config, hasIpv6 = true): WantedPort[] {
  const media: WantedPort = {
    port: webrtc.udpPort,
    protocol: 'udp',
    key: 'webrtc.udp-port',
    host: bindableAddress(webrtc.udpBindIp, hasIpv6),
    isReplaceable: false,
  }
  const tcp = (port: number, key: string): WantedPort => ({
    port,
    protocol: 'tcp',
    key,
    host: bindableAddress(server.bindIp, hasIpv6),
    isReplaceable: false,
  })
  const loopback = { host: '127.0.0.1', protocol: 'udp' } as const
  return [
    tcp(server.webPort, 'server.web-port'),
    media,
    ...cameras.map(({ key, webrtcPort }) => tcp(webrtcPort, `${key}.webrtc-port`)),
    ...(rtsp.port === undefined ? [] : [tcp(rtsp.port, 'rtsp.port')]),
    ...cameras.flatMap(({ key, webrtcPort, device }) => {
      if (device.kind === 'whip') return []
      if (device.kind === 'rtp')
        return [{ ...loopback, port: device.port, key: `${key}.device`, isReplaceable: false }]
      return Object.values(preferredIngestPorts(webrtcPort) as unknown as Record<string, number>).map(
        (port) => ({
          ...loopback,
          port,
          key: `internal port of ${key}`,
          isReplaceable: true,
        }),
      )
    }),
  ].filter(({ port }) => port !== 0)
}
