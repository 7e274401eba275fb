import { key } from './key.js'
import { port } from './kinds.js'

/** The rows of [rtsp]. */
export const RTSP_KEYS = {
  port: key(port(), {
    defaultText: 'off',
    applies: 'rebind',
    about:
      'TCP port for readers of RTSP, usually 8554: `rtsp://PI:8554/camera1`. Not encrypted. See [recorders](recorders.md).',
  }),
}
