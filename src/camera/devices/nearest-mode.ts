import type { Size } from '../sensors/sensor.js'
import { isOnGrid, nearestOnGrid } from './size-grid.js'
import type { VideoMode } from './video-modes.js'

/** What a camera is asked for. */
export interface WantedMode {
  width: number
  height: number
  fps: { min: number; max: number }
  format: NonNullable<VideoMode['format']>
}

export interface PossibleMode {
  width: number
  height: number
  fps: number
  format: NonNullable<VideoMode['format']> | undefined
}

/** 29.97 is a good answer to 30, as 120.101 is to 120. gstreamer/frame-rate-caps.ts asks with the same tolerance. */
const TOLERANCE = 0.0011

/** Whether a camera with these modes delivers what it is asked for. */
export const deliversMode = (modes: readonly VideoMode[], wanted: WantedMode): boolean =>
  modes.some(
    (mode) =>
      (mode.format === undefined || mode.format === wanted.format) &&
      hasSize(mode, wanted) &&
      hasRate(mode, wanted.fps),
  )

/** A camera that lists no rates has any. */
export const hasRate = ({ rates }: VideoMode, fps: WantedMode['fps']): boolean =>
  rates.length === 0 || rates.some((rate) => isIn(rate, fps))

const isIn = (rate: number, { min, max }: WantedMode['fps']): boolean =>
  rate >= min * (1 - TOLERANCE) && rate <= max * (1 + TOLERANCE)

const hasSize = (mode: VideoMode, size: { width: number; height: number }): boolean =>
  mode.grid === undefined
    ? mode.width === size.width && mode.height === size.height
    : isOnGrid(mode.grid, size)

const SHOWN = 2

/**
 * What the camera has that is closest to what it was asked for, best first: in the wanted size, then in the wanted format, then
 * the nearest size. Empty if it has all that was asked for, or nothing that the configuration can ask for.
 */
export function nearestModes(modes: readonly VideoMode[], wanted: WantedMode): PossibleMode[] {
  if (deliversMode(modes, wanted)) return []
  const possible = modes.flatMap((mode) => candidate(mode, wanted))
  const ranked = possible
    .map((mode) => ({ mode, distance: distanceOf(mode, wanted) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ mode }) => mode)
  return ranked.filter((mode, i) => ranked.findIndex((other) => isSame(other, mode)) === i).slice(0, SHOWN)
}

const isSame = (a: PossibleMode, b: PossibleMode): boolean =>
  a.width === b.width && a.height === b.height && a.format === b.format && a.fps === b.fps

/** The size of a mode, or the nearest of those that a stepwise mode has. */
export const nearestSizeOf = (mode: VideoMode, wanted: Size): Size | undefined =>
  mode.grid === undefined ? { width: mode.width, height: mode.height } : nearestOnGrid(mode.grid, wanted)

function candidate(mode: VideoMode, wanted: WantedMode): PossibleMode[] {
  const size = nearestSizeOf(mode, wanted)
  if (size === undefined || !isConfigurable(size)) return []
  const { max } = wanted.fps
  const fps =
    mode.rates.length === 0
      ? max
      : (mode.rates.find((rate) => isIn(rate, wanted.fps)) ??
        [...mode.rates].sort((a, b) => Math.abs(a - max) - Math.abs(b - max))[0]!)
  return [{ ...size, fps: isIn(fps, wanted.fps) ? max : fps, format: mode.format }]
}

/** The limits of width and height in the configuration. */
const isConfigurable = ({ width, height }: { width: number; height: number }): boolean =>
  [width, height].every((side) => side >= 32 && side <= 4608 && side % 2 === 0)

/** In doublings of the size and of the rate. Another format is the smallest change: it does not alter the picture. */
function distanceOf(mode: PossibleMode, { width, height, fps, format }: WantedMode): number {
  const doublings = (a: number, b: number): number => Math.abs(Math.log2(a / b))
  const size = doublings(mode.width, width) + doublings(mode.height, height)
  return size + doublings(mode.fps, fps.max) + (mode.format === format || mode.format === undefined ? 0 : 0.1)
}

/** Lines for the table of the camera: `width = 640, height = 480, fps = 25, format = "raw"`. Only keys that differ. */
export function modeSettings(mode: PossibleMode, wanted: WantedMode): string {
  const isOtherSize = mode.width !== wanted.width || mode.height !== wanted.height
  return [
    ...(isOtherSize ? [`width = ${mode.width}`, `height = ${mode.height}`] : []),
    ...(mode.fps === wanted.fps.max ? [] : [`fps = ${mode.fps}`]),
    ...(mode.format === undefined || mode.format === wanted.format ? [] : [`format = "${mode.format}"`]),
  ].join(', ')
}

/** `width = 640, height = 360, or fps = 25`; empty if there is nothing to suggest. */
export const nearestSettings = (modes: readonly VideoMode[], wanted: WantedMode): string =>
  nearestModes(modes, wanted)
    .map((mode) => modeSettings(mode, wanted))
    .join('; or ')
