import type { FrameRate } from './frame-rate.js'

/** The second, smaller encode of a camera. */
export interface LowSize {
  width: number
  height: number
  /** Frames per second; a number, since a range is for exposures of the camera. */
  fps: number
}

/** `auto`: where the machine has room for it. */
export type Low = false | 'auto' | LowSize

const MIN_SIDE = 64
const MIN_FPS = 1
const MAX_FPS = 60
const EXAMPLE = '"auto", a size with frames per second such as "320x240@15", or false'

/** @throws Error whose message is the rest of a sentence that begins with the value. */
export function parseLow(value: unknown): Low {
  if (value === false || value === 'auto') return value
  if (value === true) throw new Error(`does not say how small: write ${EXAMPLE}`)
  if (typeof value !== 'string') throw new Error(`is no size: write ${EXAMPLE}`)
  const size = /^([1-9]\d{1,3})x([1-9]\d{1,3})@(\d+(?:\.\d+)?)$/.exec(value)
  if (size === null) throw new Error(`is no size with frames per second: write ${EXAMPLE}`)
  const [width, height, fps] = size.slice(1).map(Number) as [number, number, number]
  if (width % 2 !== 0 || height % 2 !== 0) {
    const even = `${width - (width % 2)}x${height - (height % 2)}@${fps}`
    throw new Error(`has an odd side, and encoders accept even numbers only: write "${even}"`)
  }
  if (width < MIN_SIDE || height < MIN_SIDE)
    throw new Error(`is too small: at least ${MIN_SIDE} pixels a side`)
  if (fps < MIN_FPS || fps > MAX_FPS)
    throw new Error(`has a frame rate that cannot be used: from ${MIN_FPS} to ${MAX_FPS} frames per second`)
  return { width, height, fps }
}

export const lowSizeText = ({ width, height, fps }: LowSize): string => `${width}x${height}@${fps}`

interface MainSize {
  width: number
  height: number
  fps: FrameRate
}

/** The area of "auto", as 320x240: what a path of 500 kbit/s carries at 15 frames per second. */
const AUTO_AREA = 320 * 240
/** Multiples of this are safe for every encoder. */
const AUTO_STEP = 32
const AUTO_FPS = 15
/** A size that is hardly smaller is not worth its encoder. */
const MIN_RATIO = 3

/** The size of "auto": the shape of the camera's, and every second, third... of its frames. Undefined if the camera's is small itself. */
export function autoLowSize({ width, height, fps }: MainSize): LowSize | undefined {
  const aspect = width / height
  const lowWidth = AUTO_STEP * Math.max(2, Math.round(Math.sqrt(AUTO_AREA * aspect) / AUTO_STEP))
  const lowHeight = 2 * Math.round(lowWidth / aspect / 2)
  if (lowWidth * lowHeight * MIN_RATIO > width * height || lowHeight < MIN_SIDE) return undefined
  const divisor = Math.ceil(fps.max / (AUTO_FPS * 1.05))
  return { width: lowWidth, height: lowHeight, fps: Math.round((fps.max / divisor) * 1000) / 1000 }
}
