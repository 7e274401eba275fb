import { deliversMode, nearestSettings, type WantedMode } from '../camera/devices/nearest-mode.js'
import { formatModes, type VideoMode } from '../camera/devices/video-modes.js'
import { wantedMode } from '../camera/gstreamer/wanted-mode.js'
import { frameRateText } from '../config/frame-rate.js'
import type { CameraConfig } from '../config/types.js'
import { problem, type Check } from './check.js'

/** Whether a V4L2 camera delivers the configured size, rate and format. */
export function checkUsbMode(title: string, camera: CameraConfig, modes: readonly VideoMode[]): Check[] {
  const wanted = wantedMode(camera)
  if (deliversMode(modes, wanted)) return []
  const nearest = nearestSettings(modes, wanted)
  const hint =
    nearest === ''
      ? 'Use another camera: width and height must be even numbers from 32 to 4608'
      : `Write ${nearest}`
  const text = `the camera has no ${modeText(wanted)}; it has ${formatModes(modes)}`
  return [problem('camera-mode', title, text, hint)]
}

const modeText = ({ width, height, fps, format }: WantedMode): string =>
  `${width}x${height} at ${frameRateText(fps)}${format === 'raw' ? ' with raw frames' : ` as ${format === 'h264' ? 'H.264' : 'MJPEG'}`}`

/**
 * Whether a camera module is large and fast enough. It scales every mode of its sensor down, so any smaller size is right.
 * @param modes of the sensor.
 */
export function checkModuleMode(title: string, camera: CameraConfig, modes: readonly VideoMode[]): Check[] {
  const { width, height, fps } = camera
  if (modes.length === 0) return []
  const large = modes.filter((mode) => mode.width >= width && mode.height >= height)
  if (large.length === 0) {
    const { width: maxWidth, height: maxHeight } = modes.at(-1)!
    return [
      problem(
        'camera-mode',
        title,
        `${width}x${height} is more than the sensor has`,
        `Write width = ${even(Math.min(width, maxWidth))}, height = ${even(Math.min(height, maxHeight))}`,
      ),
    ]
  }
  const fastest = Math.max(...large.flatMap(({ rates }) => rates))
  // Lists of sensor modes round the rate down.
  if (!Number.isFinite(fastest) || fps.min <= fastest + 1) return []
  return [
    problem(
      'camera-mode',
      title,
      `the sensor has at most ${fastest} frames per second at ${width}x${height}`,
      `Write fps = ${fastest}`,
    ),
  ]
}

const even = (side: number): number => side - (side % 2)
