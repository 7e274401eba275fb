import { wrongType } from './values.js'

/** Frames per second. A camera with a range lowers its rate in the dark, down to `min`, to expose each frame longer. */
export interface FrameRate {
  min: number
  max: number
}

const MIN_FPS = 0.1
const MAX_FPS = 120

/**
 * Parses `30`, `29.97` or `"5-30"`.
 * @throws Error whose message is the rest of a sentence that begins with the value.
 */
export function parseFrameRate(value: unknown): FrameRate {
  if (typeof value === 'string') {
    const range = /^\s*(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)\s*$/.exec(value)
    if (range === null) throw new Error(notARange(value))
    const [low, high] = [checked(Number(range[1])), checked(Number(range[2]))]
    if (low > high) throw new Error(`begins with the larger number: write "${high}-${low}"`)
    return { min: low, max: high }
  }
  if (typeof value !== 'number') throw new Error(wrongType(value, 'a number'))
  const rate = checked(value)
  return { min: rate, max: rate }
}

function checked(rate: number): number {
  if (!(rate >= MIN_FPS)) throw new Error(`is too small: from ${MIN_FPS} to ${MAX_FPS} frames per second`)
  if (rate > MAX_FPS) throw new Error(`is too large: from ${MIN_FPS} to ${MAX_FPS} frames per second`)
  return rate
}

function notARange(text: string): string {
  const number = /^\s*(\d+(?:\.\d+)?)\s*(?:fps|hz|\/1)?\s*$/i.exec(text)?.[1]
  return number === undefined
    ? 'is no frame rate: write a number such as 30, or a range such as "5-30"'
    : `is text: write ${number} without quotes or unit, or a range such as "5-30"`
}

/** As the file has it: `30`, `29.97`, `5-30`. */
export const frameRateText = ({ min, max }: FrameRate): string => (min === max ? `${max}` : `${min}-${max}`)
