import type { ConfigFacts } from '../../src/http/routes/client-config.js'

/** A camera as the routes report it. */
export const camera1: ConfigFacts['cameras'][number] = {
  key: 'camera1',
  name: 'Bird box',
  codec: 'vp8',
  bitrate: 1,
  keyframeInterval: 1,
  width: 640,
  height: 480,
  fps: { min: 30, max: 30 },
  webrtcPort: 5557,
  hasSnapshot: true,
  hasAudio: false,
}
