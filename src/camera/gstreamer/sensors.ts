import { knownSensor } from '../sensors/known-sensors.js'
import type { Size } from '../sensors/sensor.js'

/** Its size is that of the whole sensor, to which crops and focus windows of libcamera refer. */
export interface PixelArray extends Size {
  /** Whether its modules have a motorised lens. Others get one only from another manufacturer. */
  hasAutofocus: boolean
}

/** Pixel arrays of sensors whose modes are not known here, but which have a driver in Raspberry Pi OS. */
const OTHER_SIZES: Readonly<Record<string, Size>> = {
  imx415: { width: 3864, height: 2192 },
  arducam_64mp: { width: 9248, height: 6944 },
  ov64a40: { width: 9248, height: 6944 },
  ov7251: { width: 640, height: 480 },
  ov9281: { width: 1280, height: 800 },
}

const WITH_AUTOFOCUS: ReadonlySet<string> = new Set(['imx519', 'imx708', 'arducam_64mp', 'ov64a40'])

/** `imx708` of `/base/soc/i2c0mux/i2c@1/imx708@1a`, of `imx708_wide_noir` and of `imx708`. */
export const sensorNameOf = (cameraName: string): string | undefined => {
  const tail = /([^/@\s]+)(?:@[^/]*)?$/.exec(cameraName)?.[1]?.toLowerCase()
  return tail?.replace(/(?:_wide|_noir)+$/, '')
}

export function sensorOf(cameraName: string): PixelArray | undefined {
  const name = sensorNameOf(cameraName)
  if (name === undefined) return undefined
  const size = knownSensor(name) ?? (Object.hasOwn(OTHER_SIZES, name) ? OTHER_SIZES[name] : undefined)
  return size && { width: size.width, height: size.height, hasAutofocus: WITH_AUTOFOCUS.has(name) }
}
