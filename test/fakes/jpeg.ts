import { decode } from 'jpeg-js'

export type Colour = [red: number, green: number, blue: number]

export interface DecodedPicture {
  width: number
  height: number
  /** The mean colour of a part of the picture, given as fractions of its width and height. */
  mean(x: number, y: number, width: number, height: number): Colour
}

/** Decodes a JPEG with a decoder that has nothing to do with the one that made it. @throws Error when it is none. */
export function decodeJpeg(jpeg: Uint8Array): DecodedPicture {
  const { width, height, data } = decode(jpeg, { useTArray: true })
  return {
    width,
    height,
    mean(x, y, w, h) {
      const sum: Colour = [0, 0, 0]
      let count = 0
      for (let row = Math.round(y * height); row < Math.round((y + h) * height); row++) {
        for (let column = Math.round(x * width); column < Math.round((x + w) * width); column++) {
          const at = 4 * (row * width + column)
          for (const c of [0, 1, 2] as const) sum[c] += data[at + c]!
          count++
        }
      }
      return sum.map((value) => Math.round(value / count)) as Colour
    },
  }
}

/** SMPTE bars of videotestsrc: seven columns in the upper two thirds. */
export const SMPTE_BARS: Colour[] = [
  [255, 255, 255],
  [255, 255, 0],
  [0, 255, 255],
  [0, 255, 0],
  [255, 0, 255],
  [255, 0, 0],
  [0, 0, 255],
]

/** The middle of each bar. @param y where to look: the bars are above, or below in a picture turned by 180 degrees. */
export const barsOf = (picture: DecodedPicture, y = 0.3): Colour[] =>
  SMPTE_BARS.map((_, i) => picture.mean((i + 0.35) / 7, y, 0.3 / 7, 0.2))

/** Coding and colour conversion move a channel by a few; a wrong range or matrix moves it by 16 and more. */
export const areClose = (actual: readonly Colour[], wanted: readonly Colour[]): boolean =>
  actual.every((colour, i) => colour.every((value, c) => Math.abs(value - wanted[i]![c]!) <= 10))
