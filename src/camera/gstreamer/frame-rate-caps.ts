import type { CameraConfig, FrameRate } from '../../config/types.js'

/**
 * A driver lists 29.97 as 30000/1001 (grabbers) or as 2997/100 (uvcvideo simplifies 333667 times 100 ns), and v4l2-ctl
 * prints both alike. The range has both. It also has 29.97 for a configured 30, as nearest-mode.ts assumes.
 */
const [BELOW, ABOVE] = [0.9989, 1.0011]

/**
 * Caps of v4l2src: exactly the configured rate, or else what the camera lists within the range. v4l2src tries them in this
 * order, and of several rates in the second it takes the one closest to the first (gst_v4l2src_negotiate).
 */
export function v4l2Caps(mediaType: string, { width, height, fps }: CameraConfig): string {
  const size = `${mediaType},width=${width},height=${height}`
  const range = `(fraction)[${thousandths(fps.min * BELOW, Math.floor)},${thousandths(fps.max * ABOVE, Math.ceil)}]`
  return `${size},framerate=${fraction(fps.max)};${size},framerate=${range}`
}

const thousandths = (rate: number, round: (value: number) => number): string => `${round(rate * 1000)}/1000`

/** NTSC rates are N * 1000/1001. */
export function fraction(fps: number): string {
  const ntsc = Math.round((fps * 1001) / 1000)
  if (!Number.isInteger(fps) && Math.abs((ntsc * 1000) / 1001 - fps) < 0.005) return `${ntsc * 1000}/1001`
  const denominator = [1, 2, 4, 5, 10].find((n) => Number.isInteger(fps * n)) ?? 1000
  return `${Math.round(fps * denominator)}/${denominator}`
}

/**
 * With a range of rates, a USB camera may lower its own in the dark. Both names of the UVC control (Linux 5.12 renamed it); v4l2src
 * ignores one that the camera lacks.
 */
export const darkerRates = ({ fps }: CameraConfig): string[] =>
  isRange(fps) ? ['extra-controls=c,exposure_dynamic_framerate=1,exposure_auto_priority=1'] : []

const isRange = ({ min, max }: FrameRate): boolean => min < max

/**
 * libcamerasrc sets both FrameDurationLimits to one value in every version since 0.0.3: the caps' rate, or 30 without a fixed
 * one (gst_libcamera_get_framerate_from_caps). No caps leave the rate to the exposure.
 */
export function frameRateNote({ device, fps }: Pick<CameraConfig, 'device' | 'fps'>): string | undefined {
  if (device.kind !== 'libcamera' || !isRange(fps)) return undefined
  return (
    `libcamera's GStreamer element cannot vary the frame rate: the camera runs at ${fps.max} frames per second and exposes ` +
    `up to ${exposureText(fps.max)}. For exposures up to ${exposureText(fps.min)} write fps = ${fps.min}.`
  )
}

const exposureText = (fps: number): string => (fps < 1 ? `${round(1 / fps)} s` : `${round(1000 / fps)} ms`)
const round = (value: number): number => Math.round(value * 10) / 10
