import { isExternal } from './device.js'
import { lowSizeText, type LowSize } from './low-size.js'
import type { Conflict } from './problems.js'
import type { CameraConfig } from './types.js'

/** Rounding to even numbers changes the shape by less. */
const MAX_STRETCH = 0.03

/** A written size has to fit the camera; "auto" fits by itself, and is off where there is nothing to encode. */
export function* lowConflicts(camera: CameraConfig): Generator<Conflict> {
  const { key, low, width, height, fps, device, format } = camera
  if (typeof low !== 'object') return
  const path = [key, 'low'] as const
  const conflict = (message: string, ...others: string[]): Conflict => ({
    path,
    value: lowSizeText(low),
    message,
    reads: [path, ...others.map((name) => [key, name] as const)],
  })
  if (isExternal(device)) {
    yield conflict('cannot be encoded: another program encodes this video. Delete the line', 'device')
    return
  }
  if (device.kind === 'v4l2' && format === 'h264') {
    yield conflict(
      'cannot be encoded: the camera\'s own H.264 is passed through. Delete the line, or write format = "auto"',
      'device',
      'format',
    )
    return
  }
  const fitting = lowSizeText(fittingSize(camera, low))
  if (low.width >= width || low.height >= height)
    yield conflict(`is not smaller than ${width}x${height}: write "${fitting}" or "auto"`, 'width', 'height')
  else if (Math.abs((low.width * height) / (low.height * width) - 1) > MAX_STRETCH)
    yield conflict(`has not the shape of ${width}x${height}: write "${fitting}" or "auto"`, 'width', 'height')
  if (low.fps > fps.max)
    yield conflict(`has more frames per second than the camera: write at most ${fps.max}`, 'fps')
}

/** The width as it is written if it can be, in the shape of the camera. */
function fittingSize({ width, height }: CameraConfig, low: LowSize): LowSize {
  const lowWidth = low.width < width ? low.width : 2 * Math.round(width / 4)
  return { width: lowWidth, height: 2 * Math.round((lowWidth * height) / width / 2), fps: low.fps }
}
