import { libcameraMode } from './mode-choice.js'
import type { Sensor, SensorMode, Size } from './sensor.js'

/** The part of the scene that a video shows: 1 is all of its width, and of its height. */
export interface Share {
  width: number
  height: number
}

/** Shares that differ by less show the same. */
const SAME = 0.005

/**
 * The share that a video of this size shows in a mode: libcamera crops the mode in the middle to the shape of the video, and
 * scales the rest. Undefined if the crop of the mode is not known.
 */
export function shareOf(sensor: Sensor, mode: SensorMode, video: Size): Share | undefined {
  if (mode.crop === undefined) return undefined
  const shape = video.width / video.height
  const keptWidth = Math.min(mode.width, mode.height * shape)
  const keptHeight = Math.min(mode.height, mode.width / shape)
  return {
    width: (keptWidth / mode.width) * (mode.crop.width / sensor.width),
    height: (keptHeight / mode.height) * (mode.crop.height / sensor.height),
  }
}

const areaOf = (share: Share | undefined): number => (share === undefined ? 0 : share.width * share.height)

/** Whether one mode shows as much as another. */
export const showsAsMuch = (one: Share | undefined, other: Share | undefined): boolean =>
  areaOf(one) > areaOf(other) - SAME

/** A mode of 29.97 frames per second is enough for 30. */
export const reaches = ({ fps }: SensorMode, rate: number): boolean =>
  fps === undefined || fps * 1.002 >= rate

/**
 * The mode that shows most of the scene, among those that reach the frame rate, if any does. Of several that show the same:
 * one that is not smaller than the video, then one of a depth that libcamera prefers, then the fastest.
 */
export function widestMode(sensor: Sensor, video: Size, rate: number): SensorMode | undefined {
  const fast = sensor.modes.filter((mode) => reaches(mode, rate))
  const slow = Math.max(...sensor.modes.map(({ fps = 0 }) => fps))
  const candidates = fast.length > 0 ? fast : sensor.modes.filter(({ fps = 0 }) => fps === slow)
  const most = Math.max(...candidates.map((mode) => areaOf(shareOf(sensor, mode, video))))
  return candidates
    .filter((mode) => mode.crop !== undefined && areaOf(shareOf(sensor, mode, video)) > most - SAME)
    .sort((a, b) => preference(b, video) - preference(a, video) || depthOf(a) - depthOf(b) || faster(a, b))[0]
}

const preference = (mode: SensorMode, video: Size): number =>
  mode.width >= video.width && mode.height >= video.height ? 1 : 0

const depthOf = ({ bitDepth }: SensorMode): number => Math.abs(bitDepth - 12)

const faster = (a: SensorMode, b: SensorMode): number =>
  (b.fps ?? 0) - (a.fps ?? 0) || a.width * a.height - b.width * b.height

/** The mode with this size, in the depth that libcamera prefers. */
export const modeOfSize = (sensor: Sensor, { width, height }: Size): SensorMode | undefined =>
  sensor.modes
    .filter((mode) => mode.width === width && mode.height === height)
    .sort((a, b) => depthOf(a) - depthOf(b))[0]

/** Widths of a second stream are tried in steps of 32 pixels: rows of NV12 on a Raspberry Pi are multiples of it. */
const STEP = 32

/**
 * The smallest size of a second stream with which libcamera selects a mode that is accepted. The largest stream decides. It
 * must have the shape of the video: the ISP of a Raspberry Pi up to the 4 crops both streams to the shape of the larger one,
 * so the video would be distorted (vc4.cpp, platformConfigure).
 */
export function secondStreamSize(
  sensor: Sensor,
  video: Size,
  isAccepted: (mode: SensorMode) => boolean,
): Size | undefined {
  const first = Math.ceil((video.width + 1) / STEP) * STEP
  for (let width = first; width <= sensor.width; width += STEP) {
    const height = 2 * Math.round((width * video.height) / video.width / 2)
    if (height > sensor.height) return undefined
    const mode = libcameraMode(sensor, { width, height })
    if (mode !== undefined && isAccepted(mode)) return { width, height }
  }
  return undefined
}
