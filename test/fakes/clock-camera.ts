import { withStandIns } from './examples.js'

const module = '/base/soc/i2c0mux/i2c@1/imx219@10'

/** The environment of a program whose camera draws the time of capture into every picture. */
export const clockCamera = (registry: string): Record<string, string> => ({
  ...withStandIns({}, registry),
  STANDIN_CAMERAS: module,
  STANDIN_CLOCK: '1',
})

/** Its tables; `$PORT1` and `$UDP` are filled in by `startProgram`. The stand-in for the Pi's encoder takes no I420. */
export const clockTables = (codec: 'vp8' | 'h264'): string => `
[camera1]
device = "${module}"
webrtc-port = $PORT1
[video]
codec = "${codec}"
encoder = "${codec === 'h264' ? 'x264enc' : 'vp8enc'}"
[webrtc]
udp-port = $UDP
`
