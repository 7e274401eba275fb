import type { Exchange } from './latency.js'
import type { TileCamera } from './tile-context.js'

export interface ConnectionEvents {
  /** Something that a tile shows. */
  changed: () => void
  /** The settings of the camera, before the session that they are for. */
  settings: (camera: TileCamera) => void
  /** @param audio of a camera with sound */
  track: (video: MediaStreamTrack, audio?: MediaStreamTrack) => void
  /** The answer to requestTime(). */
  time: (exchange: Exchange) => void
  cameraRestarted: () => void
  /** Once a second while connected, with new stats. */
  second: () => void
  /** Before the stream of a session goes away. */
  ending: () => void
  /** WebRTC does not connect: show the camera over HTTP. */
  fallback: () => void
  /** WebRTC plays. */
  fallbackOver: () => void
}
