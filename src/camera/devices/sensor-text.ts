import { sizeText, type Sensor, type SensorMode } from '../sensors/sensor.js'
import { shareOf, type Share } from '../sensors/view.js'
import type { FoundCamera } from './found-camera.js'

/** A sensor mode in the JSON of `rpi-webrtc cameras`. Unknown values are omitted. */
interface SensorModeJson {
  width: number
  height: number
  bit_depth: number
  fps: number | undefined
  width_percent: number | undefined
  height_percent: number | undefined
}

const percent = (share: number): number => Math.round(share * 100)

/** What a video of the mode's own shape shows. */
const ownShare = (sensor: Sensor, mode: SensorMode): Share | undefined => shareOf(sensor, mode, mode)

/** One comment per size: `#   640x480 at 206.65 frames per second: 39 % of the width, 39 % of the height`. */
export function sensorLines(sensor: Sensor): string {
  const bySize = new Map(
    [...sensor.modes]
      .sort((a, b) => a.width * a.height - b.width * b.height || a.bitDepth - b.bitDepth)
      .map((mode) => [sizeText(mode), mode]),
  )
  const lines = Array.from(bySize, ([size, mode]) => {
    const rate = mode.fps === undefined ? '' : ` at ${mode.fps} frames per second`
    return `#   ${size}${rate}: ${shownText(ownShare(sensor, mode))}\n`
  })
  return `# sensor modes, and what they show of the scene (field-of-view):\n${lines.join('')}`
}

function shownText(share: Share | undefined): string {
  if (share === undefined) return 'an unknown part of it'
  const [width, height] = [percent(share.width), percent(share.height)]
  return width === 100 && height === 100 ? 'all of it' : `${width} % of the width, ${height} % of the height`
}

/** A camera in the JSON of `rpi-webrtc cameras`. */
export function cameraJson({ sensor, ...camera }: FoundCamera): object {
  if (sensor === undefined) return camera
  return { ...camera, sensor_modes: sensor.modes.map((mode) => modeJson(sensor, mode)) }
}

function modeJson(sensor: Sensor, mode: SensorMode): SensorModeJson {
  const share = ownShare(sensor, mode)
  return {
    width: mode.width,
    height: mode.height,
    bit_depth: mode.bitDepth,
    fps: mode.fps,
    width_percent: share && percent(share.width),
    height_percent: share && percent(share.height),
  }
}
