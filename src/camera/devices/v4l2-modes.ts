import { parseSizeGrid } from './size-grid.js'
import { sortedModes, type VideoMode } from './video-modes.js'

/** What `v4l2-ctl --list-formats-ext` lists. */
export interface V4l2Formats {
  modes: VideoMode[]
  /** Formats that v4l2src delivers and whose sizes the driver does not list. */
  unsized: NonNullable<VideoMode['format']>[]
  /** FourCCs of the formats that are of no use here, such as `HEVC` or `RG10`. */
  others: string[]
}

/** FourCCs that v4l2src of GStreamer 1.22 and later hands to videoconvert. */
const RAW = new Set(
  (
    'YUYV UYVY YVYU NV12 NM12 NV21 NM21 NV16 NM16 NV61 NM61 NV24 YU12 YM12 YV12 YM21 422P 411P YUV9 YVU9 ' +
    'GREY RGB3 BGR3 RGB4 BGR4 RGBP RGBO XR15 AR15 XR24 AR24 BX24 BA24 XB24 AB24 RX24 RA24'
  ).split(' '),
)
  .add('Y16 ')
  .add('Y16 -BE')
const COMPRESSED: Record<string, 'mjpeg' | 'h264'> = {
  MJPG: 'mjpeg',
  JPEG: 'mjpeg',
  PJPG: 'mjpeg',
  H264: 'h264',
  AVC1: 'h264',
}

export function parseV4l2Formats(text: string): V4l2Formats {
  const modes: VideoMode[] = []
  const [sized, offered, others] = [
    new Set<string>(),
    new Set<NonNullable<VideoMode['format']>>(),
    new Set<string>(),
  ]
  let format: VideoMode['format']
  for (const line of text.split('\n')) {
    const code = /^\s*(?:\[\d+\]|Pixel Format)\s*: '(.{4}(?:-BE)?)'/.exec(line)?.[1]
    if (code !== undefined) {
      format = RAW.has(code) ? 'raw' : COMPRESSED[code]
      if (format === undefined) others.add(code.trim())
      else offered.add(format)
    }
    if (format === undefined) continue
    const mode = modeOf(line, format)
    if (mode !== undefined) {
      modes.push(mode)
      sized.add(format)
    } else modes.at(-1)?.rates.push(...ratesOf(line))
  }
  return {
    modes: sortedModes(modes),
    unsized: [...offered].filter((one) => !sized.has(one)),
    others: [...others],
  }
}

function modeOf(line: string, format: NonNullable<VideoMode['format']>): VideoMode | undefined {
  const [, width, height] = /Size: Discrete (\d+)x(\d+)/.exec(line) ?? []
  if (width !== undefined) return { width: Number(width), height: Number(height), rates: [], format }
  const grid = parseSizeGrid(line)
  return grid && { width: grid.maxWidth, height: grid.maxHeight, rates: [], format, grid }
}

/** Rates at which cameras of a continuous range are usually run. */
const USUAL_RATES = [60, 50, 30, 25, 20, 15, 10, 5, 1]
/** Steps up to a millisecond are printed as `0.001s` or `0.000s`: such a range is continuous in practice. */
const SMALLEST_STEP_S = 0.0015
const MAX_STEPS = 64

function ratesOf(line: string): number[] {
  const exact = /Interval: Discrete .*\(([\d.]+) fps\)/.exec(line)?.[1]
  if (exact !== undefined) return [Number(exact)].filter((rate) => rate > 0)
  const [, step, low, high] =
    /Interval: (?:Stepwise|Continuous) \S+ - [\d.]+s(?: with step ([\d.]+)s)? \(([\d.]+)-([\d.]+) fps\)/.exec(
      line,
    ) ?? []
  const [min, max] = [Number(low), Number(high)]
  if (!(min > 0) || !(max >= min)) return []
  if (Number(step ?? 0) < SMALLEST_STEP_S)
    return [max, ...USUAL_RATES.filter((rate) => rate > min && rate < max), min]
  const rates: number[] = []
  for (let n = 0; n < MAX_STEPS && 1 / (1 / max + n * Number(step)) >= min * 0.999; n++)
    rates.push(round(1 / (1 / max + n * Number(step))))
  return rates
}

const round = (rate: number): number => Math.round(rate * 1000) / 1000
