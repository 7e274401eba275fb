import { usualSizes } from '../camera/devices/size-grid.js'
import type { FoundCamera } from '../camera/devices/found-camera.js'
import { formatModes, type VideoMode } from '../camera/devices/video-modes.js'

export interface UsbMode {
  width: number
  height: number
  fps: number
  format: NonNullable<VideoMode['format']>
}

interface Size {
  width: number
  height: number
}

/** The rate for which a machine's largest size was chosen, and the one of a driver that lists none. */
const USUAL_FPS = 30
/** Above it, more frames do not look smoother enough to be worth a smaller picture. */
const SMOOTH_FPS = 23.9
/** Below it, motion is a row of pictures. */
const MOVING_FPS = 10
const MAX_FPS = 120
/** What browsers decode without trouble; the camera encodes it, so the size costs this machine nothing. */
const LARGEST_OWN: Size = { width: 1920, height: 1080 }

/**
 * The mode of a USB camera that the machine can encode: at most the wanted size, at 30 frames per second. Its own H.264 is
 * used only if there is nothing else. undefined if the configuration can name none of the modes.
 */
export function chooseUsbMode(modes: readonly VideoMode[], wanted: Size): UsbMode | undefined {
  const all = modes.flatMap(possibleModes)
  const encoded = all.filter(({ format }) => format !== 'h264')
  if (encoded.length === 0) return all.length === 0 ? undefined : best(all, LARGEST_OWN)
  return best(encoded, wanted)
}

/** Every size of the mode with the fastest rate up to 30 and the slowest above it, within the limits of the configuration. */
function possibleModes({ rates, format, grid, ...size }: VideoMode): UsbMode[] {
  const possible = rates.filter((rate) => rate >= 0.1 && Math.floor(rate) <= MAX_FPS)
  const isUsual = (rate: number): boolean => rate <= USUAL_FPS + 0.1
  const chosen =
    rates.length === 0 ? [USUAL_FPS] : [possible.find(isUsual), possible.findLast((rate) => !isUsual(rate))]
  if (format === undefined) return []
  const sizes = (grid === undefined ? [size] : usualSizes(grid)).filter(({ width, height }) =>
    [width, height].every((side) => side >= 32 && side <= 4608 && side % 2 === 0),
  )
  return chosen.flatMap((fps) =>
    fps === undefined
      ? []
      : sizes.map(({ width, height }) => ({ width, height, fps: Math.min(fps, MAX_FPS), format })),
  )
}

const pixelRate = ({ width, height, fps }: UsbMode): number => width * height * fps

/** @param all at least one. */
function best(all: readonly UsbMode[], wanted: Size): UsbMode {
  const small = all.filter(({ width, height }) => width <= wanted.width && height <= wanted.height)
  const budget = wanted.width * wanted.height * USUAL_FPS * 1.01
  const cheap = small.filter((mode) => pixelRate(mode) <= budget)
  // 60 frames of a small size cost more than was planned, but 7.5 are no video.
  const fits = cheap.some(({ fps }) => fps >= MOVING_FPS)
    ? cheap
    : small.filter((mode) => pixelRate(mode) <= 2 * budget)
  return fits.length > 0
    ? fits.reduce((a, b) => (isBetter(b, a) ? b : a))
    : all.reduce((a, b) => (pixelRate(b) < pixelRate(a) ? b : a))
}

/** Prefers smooth motion up to film's rate, then size and rate together, then raw frames, which need no decoder. */
function isBetter(a: UsbMode, b: UsbMode): boolean {
  const [smoothA, smoothB] = [Math.min(a.fps, SMOOTH_FPS), Math.min(b.fps, SMOOTH_FPS)]
  if (smoothA !== smoothB) return smoothA > smoothB
  // The exponent makes 720x480 at 29.97 better than 720x576 at 25, which has as many pixels per second.
  const [worthA, worthB] = [a, b].map(
    ({ width, height, fps }) => width * height * Math.min(fps, USUAL_FPS) ** 1.5,
  ) as [number, number]
  if (worthA !== worthB) return worthA > worthB
  return a.format === 'raw' && b.format !== 'raw'
}

/** Why it is this mode. @param rest why the machine wants the size. */
export function whyUsbMode(mode: UsbMode, modes: readonly VideoMode[], wanted: Size, rest: string): string {
  const { format, fps } = mode
  if (format === 'h264')
    return 'the camera gives H.264 only: its own stream is passed on without another encoder'
  if (mode.width > wanted.width || mode.height > wanted.height) return 'the camera offers nothing smaller'
  if (fps > USUAL_FPS + 0.1)
    return `the camera offers no rate between ${MOVING_FPS} and ${USUAL_FPS} here; ${rest}`
  if (fps < SMOOTH_FPS && modes.every(({ rates }) => rates.every((rate) => rate < SMOOTH_FPS)))
    return `the camera offers no faster rate; ${rest}`
  return `the camera offers it; ${rest}`
}

/** Cameras whose modes are all odd, too small or too fast for the configuration, and the rest. */
export function splitByModes(cameras: readonly FoundCamera[]): { usable: FoundCamera[]; notes: string[] } {
  const isUnusable = ({ kind, modes }: FoundCamera): boolean =>
    kind === 'v4l2' && modes !== undefined && chooseUsbMode(modes, LARGEST_OWN) === undefined
  return {
    usable: cameras.filter((camera) => !isUnusable(camera)),
    notes: cameras
      .filter(isUnusable)
      .map(
        ({ device, name, modes }) =>
          `${device} (${name}) is left out: it has only ${formatModes(modes!)}, and width and height must be even numbers from 32 to 4608.`,
      ),
  }
}
