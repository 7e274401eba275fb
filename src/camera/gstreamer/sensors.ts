export interface Sensor {
  /** Pixels of the whole sensor, to which crops and focus windows of libcamera refer. */
  width: number
  height: number
  /** Whether its modules have a motorised lens. Others get one only from another manufacturer. */
  hasAutofocus: boolean
}

const sensor = (width: number, height: number, hasAutofocus = false): Sensor => ({
  width,
  height,
  hasAutofocus,
})

/** Pixel arrays of the sensors with a driver in Raspberry Pi OS. */
const SENSORS: Readonly<Record<string, Sensor>> = {
  ov5647: sensor(2592, 1944),
  imx219: sensor(3280, 2464),
  imx290: sensor(1920, 1080),
  imx296: sensor(1456, 1088),
  imx327: sensor(1920, 1080),
  imx378: sensor(4056, 3040),
  imx415: sensor(3864, 2192),
  imx462: sensor(1920, 1080),
  imx477: sensor(4056, 3040),
  imx500: sensor(4056, 3040),
  imx519: sensor(4656, 3496, true),
  imx708: sensor(4608, 2592, true),
  arducam_64mp: sensor(9248, 6944, true),
  ov64a40: sensor(9248, 6944, true),
  ov7251: sensor(640, 480),
  ov9281: sensor(1280, 800),
}

/** `imx708` of `/base/soc/i2c0mux/i2c@1/imx708@1a`, of `imx708_wide_noir` and of `imx708`. */
export const sensorNameOf = (cameraName: string): string | undefined => {
  const tail = /([^/@\s]+)(?:@[^/]*)?$/.exec(cameraName)?.[1]?.toLowerCase()
  return tail?.replace(/(?:_wide|_noir)+$/, '')
}

export const sensorOf = (cameraName: string): Sensor | undefined => {
  const name = sensorNameOf(cameraName)
  return name !== undefined && Object.hasOwn(SENSORS, name) ? SENSORS[name] : undefined
}
