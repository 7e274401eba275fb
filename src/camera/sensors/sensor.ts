export interface Size {
  width: number
  height: number
}

/** A rectangle in pixels of the whole sensor. */
export interface Crop extends Size {
  x: number
  y: number
}

/** A way to read a sensor out. */
export interface SensorMode extends Size {
  /** Bits per pixel. */
  bitDepth: number
  /** The highest frame rate; undefined if it is not known. */
  fps: number | undefined
  /** The part of the sensor that the mode shows; undefined if it is not known. */
  crop: Crop | undefined
}

/** A sensor with its full size in pixels, which is the whole scene. */
export interface Sensor extends Size {
  modes: readonly SensorMode[]
}

export const sizeText = ({ width, height }: Size): string => `${width}x${height}`

/** `1640x1232 at 41.85`: for lists. */
export const modeText = (mode: SensorMode): string =>
  `${sizeText(mode)}${mode.fps === undefined ? '' : ` at ${mode.fps}`}`
