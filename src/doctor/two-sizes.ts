import { lowSizeOf } from '../camera/gstreamer/low.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import { lowSizeText } from '../config/low-size.js'
import type { CameraConfig } from '../config/types.js'
import { ok, warning, type Check } from './check.js'

/** Which small size a camera has on this machine, or why it has none although `low` asks for it. */
export function checkTwoSizes(camera: CameraConfig, machine: Machine): Check[] {
  if (camera.low === false) return []
  const title = `${camera.key} small size`
  const size = lowSizeOf(camera, machine)
  if (size === undefined)
    return [warning('two-sizes', title, 'another program encodes this camera', 'Write low = false')]
  if ('cause' in size) return [warning('two-sizes', title, size.message, size.hint)]
  return [ok('two-sizes', title, lowSizeText(size))]
}
