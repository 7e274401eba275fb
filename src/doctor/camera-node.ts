import type { CameraList } from '../camera/devices/discover.js'
import type { RefusedNode } from '../camera/devices/found-camera.js'
import type { CameraConfig } from '../config/types.js'
import { checkUsbMode } from './camera-mode.js'
import { ok, problem, type Check } from './check.js'
import { deviceLine } from './device-suggestions.js'

const LISTED = 'Write the name of a camera: "rpi-webrtc cameras" lists them'

/** The camera that was meant is another device. */
const NO_CAMERA: ReadonlySet<RefusedNode['why']> = new Set([
  'codec',
  'output',
  'processor',
  'sensor',
  'other',
])

/** Device files of V4L2 and the media controller that deliver no picture. */
const OTHER_FILES = /^\/dev\/(media|v4l-subdev|vbi|radio|swradio)\d+$/

/**
 * Whether a V4L2 node has the picture of a camera, and the configured size, rate and format.
 * @param node the `/dev/videoN` that the path of the configuration leads to.
 */
export function checkNode(
  title: string,
  camera: CameraConfig,
  path: string,
  node: string,
  { cameras, refused = [] }: CameraList,
  suggestion?: string,
): Check[] {
  const other = OTHER_FILES.exec(node)?.[1]
  if (other !== undefined)
    return [
      problem(
        'camera-node',
        title,
        `${path} is a ${other} device, which delivers no picture`,
        suggestion === undefined ? LISTED : `Write ${deviceLine(suggestion)}`,
      ),
    ]
  const refusal = refused.find((one) => one.node === node)
  if (refusal !== undefined && !(refusal.why === 'second-node' && camera.format === 'h264')) {
    const picture = cameras.find((found) => found.node !== undefined && found.node === refusal.picture)
    const instead = picture?.device ?? (NO_CAMERA.has(refusal.why) ? suggestion : undefined)
    const hint = instead === undefined ? refusal.hint : `Write ${deviceLine(instead)}`
    return [problem('camera-node', title, `${path} ${refusal.detail}`, otherIndex(path, refusal) ?? hint)]
  }
  const listed = cameras.find((found) => found.node === node)
  const modes = refusal?.modes ?? listed?.modes
  if (listed !== undefined && modes === undefined)
    return [
      ok('camera-device', title, `${path}; v4l2-ctl does not list its modes, so they were not compared`),
    ]
  const problems = modes === undefined ? [] : checkUsbMode(title, camera, modes)
  return problems.length > 0 ? problems : [ok('camera-device', title, path)]
}

/** udev names end in `-video-index1`: the number is that of the node in its camera. */
function otherIndex(path: string, { why, picture }: RefusedNode): string | undefined {
  const match = /^(.*-video-index)\d+$/.exec(path)
  if (why !== 'metadata' || match === null || picture !== undefined) return undefined
  return `Write ${deviceLine(`${match[1]!}0`)}`
}
