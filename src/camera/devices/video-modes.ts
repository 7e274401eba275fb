import type { SizeGrid } from './size-grid.js'

export interface VideoMode {
  width: number
  height: number
  /** Frames per second, descending. Empty if the driver does not list them. */
  rates: number[]
  /** The value for `format`; undefined for a camera module. */
  format?: 'raw' | 'mjpeg' | 'h264'
  /** Set if the driver lists a range of sizes; width and height are then the largest. */
  grid?: SizeGrid
}

/** The text after `Modes:` of one camera of `rpicam-hello --list-cameras`. */
export const parseRpicamModes = (text: string): VideoMode[] =>
  sortedModes(
    Array.from(text.matchAll(/(\d+)x(\d+) \[([\d.]+) fps/g), ([, width, height, fps]) => ({
      width: Number(width),
      height: Number(height),
      rates: [Math.floor(Number(fps))],
    })),
  )

/** Merges equal modes; smallest first. */
export function sortedModes(modes: readonly VideoMode[]): VideoMode[] {
  const bySize = new Map<string, VideoMode>()
  for (const mode of modes) {
    const size = `${mode.width}x${mode.height} ${mode.format ?? ''}`
    const rates = [...(bySize.get(size)?.rates ?? []), ...mode.rates].sort((a, b) => b - a)
    bySize.set(size, { ...mode, rates: [...new Set(rates)] })
  }
  return [...bySize.values()].sort((a, b) => a.width * a.height - b.width * b.height)
}

const MAX_SHOWN = 8

/** `640x480 at 30, 1280x720 at 30 mjpeg`: the largest modes. */
export const formatModes = (modes: readonly VideoMode[]): string =>
  modes.slice(-MAX_SHOWN).map(formatMode).join(', ')

function formatMode({ width, height, rates, format, grid }: VideoMode): string {
  const size = grid === undefined ? '' : `${grid.minWidth}x${grid.minHeight} to `
  const rate = rates[0] === undefined ? '' : ` at ${rates[0]}`
  return `${size}${width}x${height}${rate}${format === undefined || format === 'raw' ? '' : ` ${format}`}`
}
