import type { Size } from '../sensors/sensor.js'

/** Sizes that a driver lists as a range, with the step between two of them. */
export interface SizeGrid {
  minWidth: number
  minHeight: number
  maxWidth: number
  maxHeight: number
  stepWidth: number
  stepHeight: number
}

/** Sizes that cameras and encoders usually have. */
const USUAL: readonly Size[] = [
  [320, 240],
  [640, 360],
  [640, 480],
  [800, 600],
  [1280, 720],
  [1280, 960],
  [1920, 1080],
  [2560, 1440],
].map(([width, height]) => ({ width: width!, height: height! }))

/** `Stepwise 32x32 - 2592x1944 with step 2/2` or `Continuous 2x1 - 8192x8192`. */
export function parseSizeGrid(line: string): SizeGrid | undefined {
  const match = /Size: (?:Stepwise|Continuous) (\d+)x(\d+) - (\d+)x(\d+)(?: with step (\d+)\/(\d+))?/.exec(
    line,
  )
  if (match === null) return undefined
  const [minWidth, minHeight, maxWidth, maxHeight, stepWidth, stepHeight] = match
    .slice(1)
    .map((text: string | undefined) => Number(text ?? 1)) as [number, number, number, number, number, number]
  if (maxWidth < minWidth || maxHeight < minHeight || maxWidth === 0 || maxHeight === 0) return undefined
  // A driver that leaves the step at 0 means 1, or that there is only one size.
  return { minWidth, minHeight, maxWidth, maxHeight, stepWidth: stepWidth || 1, stepHeight: stepHeight || 1 }
}

export const isOnGrid = (grid: SizeGrid, { width, height }: Size): boolean =>
  isOnAxis(width, grid.minWidth, grid.maxWidth, grid.stepWidth) &&
  isOnAxis(height, grid.minHeight, grid.maxHeight, grid.stepHeight)

const isOnAxis = (value: number, min: number, max: number, step: number): boolean =>
  value >= min && value <= max && (value - min) % step === 0

/** The size of the grid that is closest to a wanted one. Both sides are even, as the encoders need. */
export function nearestOnGrid(grid: SizeGrid, { width, height }: Size): Size | undefined {
  const x = nearestOnAxis(width, grid.minWidth, grid.maxWidth, grid.stepWidth)
  const y = nearestOnAxis(height, grid.minHeight, grid.maxHeight, grid.stepHeight)
  return x === undefined || y === undefined ? undefined : { width: x, height: y }
}

/** An odd value gives way to the one a step below, or above at the lower end. */
function nearestOnAxis(value: number, min: number, max: number, step: number): number | undefined {
  const last = Math.floor((max - min) / step)
  const at = Math.min(last, Math.max(0, Math.round((value - min) / step)))
  return [at, at - 1, at + 1]
    .filter((n) => n >= 0 && n <= last)
    .map((n) => min + n * step)
    .find((side) => side % 2 === 0)
}

/** The usual sizes that are on the grid; if there are none, the largest one of it. */
export function usualSizes(grid: SizeGrid): Size[] {
  const usual = USUAL.filter((size) => isOnGrid(grid, size))
  if (usual.length > 0) return usual
  const largest = nearestOnGrid(grid, { width: grid.maxWidth, height: grid.maxHeight })
  return largest === undefined ? [] : [largest]
}
