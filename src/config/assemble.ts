import { toLimits } from './limits.js'
import type { AccessConfig, Config, TlsFiles } from './types.js'
import type { CheckedFile } from './schema.js'

/** Where the port of a camera that names none is counted from: camera1 has 5557. */
const WEBRTC_PORT_BASE = 5556

/** The checked file as the parts of the program take it, with what a camera leaves out filled in. */
export function toConfig({ server, cameras, video, webrtc, limits }: CheckedFile): Config {
  const number = (key: string): number => Number(key.slice('camera'.length))
  return {
    server: {
      webPort: server['web-port'],
      bindIp: server['bind-ip'],
      piIp: server['pi-ip'],
      tls: tlsOf(server),
      access: accessOf(server),
    },
    cameras: Object.entries(cameras)
      .sort(([a], [b]) => number(a) - number(b))
      .map(([key, camera]) => ({
        key,
        name: camera.name ?? `Camera ${number(key)}`,
        device: camera.device,
        width: camera.width,
        height: camera.height,
        fps: camera.fps,
        webrtcPort: camera['webrtc-port'] ?? WEBRTC_PORT_BASE + number(key),
        flipMethod: camera['flip-method'],
        format: camera.format,
        codec: camera.codec ?? video.codec,
        bitrate: camera.bitrate ?? video.bitrate,
        keyframeInterval: camera['keyframe-interval'] ?? video['keyframe-interval'],
        encoder: camera.encoder ?? video.encoder,
        onDemand: camera['on-demand'] ?? video['on-demand'],
        onDemandCloseAfterMs: 1000 * (camera['on-demand-close-after'] ?? video['on-demand-close-after']),
      })),
    webrtc: {
      stunServer: webrtc['stun-server'],
      maxClients: webrtc['max-clients'],
      udpPort: webrtc['udp-port'],
      udpBindIp: webrtc['udp-bind-ip'] ?? server['bind-ip'],
      announce: webrtc.announce,
    },
    limits: toLimits(limits),
  }
}

/** One without the other is a clash, which findClashes tells. */
const tlsOf = ({ 'tls-cert': certPath, 'tls-key': keyPath }: CheckedFile['server']): TlsFiles | undefined =>
  certPath === undefined || keyPath === undefined ? undefined : { certPath, keyPath }

const accessOf = ({ username, password, token, ...server }: CheckedFile['server']): AccessConfig => ({
  login: username === undefined || password === undefined ? undefined : { username, ...password },
  token,
  allowOrigins: server['allow-origins'],
  names: server.names,
})
