export interface Size {
  width: number
  height: number
}

/** `full`: all that the sensor sees. `auto`: the sensor mode that libcamera selects. A size: that sensor mode. */
export type FieldOfView = 'full' | 'auto' | Size

/** @throws Error whose message is the rest of a sentence that begins with the value. */
export function parseFieldOfView(text: string): FieldOfView {
  if (text === 'full' || text === 'auto') return text
  const size = /^([1-9]\d{1,4})x([1-9]\d{1,4})$/.exec(text)
  if (size === null)
    throw new Error(
      'is no field of view: write "full", "auto", or the size of a sensor mode such as "2304x1296"',
    )
  return { width: Number(size[1]), height: Number(size[2]) }
}
