import type { Sensor, Size } from '../sensors/sensor.js'
import { usualSizes } from './size-grid.js'
import type { VideoMode } from './video-modes.js'

/** A size that a camera delivers, to be suggested. */
export interface OfferedSize extends Size {
  /** Frames per second, descending. Empty if the driver does not list them. */
  rates: number[]
}

/** The limits of `width`, `height` and `fps` in the configuration. */
const [MIN_SIDE, MAX_SIDE] = [32, 4608]
const [MIN_RATE, MAX_RATE] = [0.1, 120]
const isSide = (side: number): boolean => side >= MIN_SIDE && side <= MAX_SIDE && side % 2 === 0
const isConfigurable = ({ width, height }: Size): boolean => isSide(width) && isSide(height)

/** What is suggested below the highest rate of a sensor, which has every rate up to it. */
const USUAL_RATES = [60, 50, 30, 25, 20, 15, 10, 5]

/**
 * The sizes and rates of a V4L2 camera that the configuration can ask for, smallest first.
 * @param formatOf the format that a size would be captured in at a rate; without one at the configured rate.
 */
export function offeredSizes(
  modes: readonly VideoMode[],
  formatOf: (size: Size, rate: number | undefined) => VideoMode['format'],
): OfferedSize[] {
  const offered = modes.flatMap(({ width, height, rates, format, grid }) =>
    (grid === undefined ? [{ width, height }] : usualSizes(grid)).filter(isConfigurable).flatMap((size) => {
      if (rates.length === 0) return formatOf(size, undefined) === format ? [{ ...size, rates }] : []
      const possible = rates.filter(
        (rate) => rate >= MIN_RATE && rate <= MAX_RATE && formatOf(size, rate) === format,
      )
      return possible.length === 0 ? [] : [{ ...size, rates: possible }]
    }),
  )
  return merged(offered)
}

/**
 * The sizes and rates of a camera module: those of its sensor, and usual ones that libcamera scales to, at the highest rate of the
 * mode that libcamera selects by itself.
 */
export function sizesOfSensor(
  sensor: Sensor,
  modeFor: (video: Size) => { fps: number | undefined } | undefined,
): OfferedSize[] {
  const { width: maxWidth, height: maxHeight, modes } = sensor
  const grid = { minWidth: MIN_SIDE, minHeight: MIN_SIDE, maxWidth, maxHeight, stepWidth: 2, stepHeight: 2 }
  const sizes = [...usualSizes(grid), ...modes].filter(isConfigurable)
  return merged(
    sizes.map(({ width, height }) => {
      const { fps } = modeFor({ width, height }) ?? {}
      return { width, height, rates: fps === undefined ? [] : ratesUpTo(Math.min(fps, MAX_RATE)) }
    }),
  )
}

/** 58.92 is suggested as 58, and 10.0 as 10. */
const ratesUpTo = (fps: number): number[] => {
  const highest = fps < 1 ? fps : Math.floor(fps)
  return [highest, ...USUAL_RATES.filter((rate) => rate < highest)]
}

/** Smallest first, each size once. */
function merged(all: readonly OfferedSize[]): OfferedSize[] {
  const bySize = new Map<string, OfferedSize>()
  for (const { width, height, rates } of all) {
    const key = `${width}x${height}`
    const together = [...(bySize.get(key)?.rates ?? []), ...rates]
    bySize.set(key, { width, height, rates: [...new Set(together)].sort((a, b) => b - a) })
  }
  return [...bySize.values()].sort((a, b) => a.width * a.height - b.width * b.height || a.width - b.width)
}
