export interface VideoMode {
  width: number
  height: number
  /** Frames per second, descending. */
  rates: number[]
  /** The value for `format`; undefined for a camera module. */
  format?: 'raw' | 'mjpeg'
}

const FORMATS: Record<string, 'raw' | 'mjpeg'> = {
  MJPG: 'mjpeg',
  JPEG: 'mjpeg',
  YUYV: 'raw',
  UYVY: 'raw',
  NV12: 'raw',
  YU12: 'raw',
}

/** `v4l2-ctl --list-formats-ext`, without stepwise sizes and unsupported formats. */
export function parseV4l2Modes(text: string): VideoMode[] {
  const modes: VideoMode[] = []
  let format: VideoMode['format']
  for (const line of text.split('\n')) {
    const [, code] = /^\s*\[\d+\]: '(....)'/.exec(line) ?? []
    if (code !== undefined) format = FORMATS[code]
    if (format === undefined) continue
    const [, width, height] = /Size: Discrete (\d+)x(\d+)/.exec(line) ?? []
    if (width !== undefined) modes.push({ width: Number(width), height: Number(height), rates: [], format })
    const [, fps] = /Interval: Discrete .*\(([\d.]+) fps\)/.exec(line) ?? []
    if (fps !== undefined) modes.at(-1)?.rates.push(Number(fps))
  }
  return sorted(modes)
}

/** The text after `Modes:` of one camera of `rpicam-hello --list-cameras`. */
export const parseRpicamModes = (text: string): VideoMode[] =>
  sorted(
    Array.from(text.matchAll(/(\d+)x(\d+) \[([\d.]+) fps/g), ([, width, height, fps]) => ({
      width: Number(width),
      height: Number(height),
      rates: [Math.floor(Number(fps))],
    })),
  )

/** Merges equal modes; smallest first. */
function sorted(modes: readonly VideoMode[]): VideoMode[] {
  const bySize = new Map<string, VideoMode>()
  for (const mode of modes) {
    const size = `${mode.width}x${mode.height} ${mode.format ?? ''}`
    const rates = [...(bySize.get(size)?.rates ?? []), ...mode.rates].sort((a, b) => b - a)
    if (rates.length > 0) bySize.set(size, { ...mode, rates: [...new Set(rates)] })
  }
  return [...bySize.values()].sort((a, b) => a.width * a.height - b.width * b.height)
}

const MAX_SHOWN = 8

/** `640x480 at 30, 1280x720 at 30 mjpeg`: the largest modes. */
export const formatModes = (modes: readonly VideoMode[]): string =>
  modes
    .slice(-MAX_SHOWN)
    .map(
      ({ width, height, rates, format }) =>
        `${width}x${height} at ${rates[0]!}${format === 'mjpeg' ? ' mjpeg' : ''}`,
    )
    .join(', ')
