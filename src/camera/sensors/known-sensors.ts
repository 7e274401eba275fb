import type { Crop, Sensor, SensorMode } from './sensor.js'

type Row = [
  width: number,
  height: number,
  bitDepth: number,
  fps: number,
  crop?: [number, number, number, number],
]

/** Without a crop the mode shows the whole sensor. */
function sensor(width: number, height: number, rows: readonly Row[]): Sensor {
  const whole: Crop = { x: 0, y: 0, width, height }
  const modes = rows.map(([modeWidth, modeHeight, bitDepth, fps, crop]): SensorMode => {
    const [x, y, cropWidth, cropHeight] = crop ?? []
    const shown = crop === undefined ? whole : { x: x!, y: y!, width: cropWidth!, height: cropHeight! }
    return { width: modeWidth, height: modeHeight, bitDepth, fps, crop: shown }
  })
  return { width, height, modes }
}

/** The same sizes and crops at 8 and 10 bits. */
const imx219 = (bitDepth: number): Row[] => [
  [640, 480, bitDepth, 206.65, [1000, 752, 1280, 960]],
  [1640, 1232, bitDepth, 41.85],
  [1920, 1080, bitDepth, 47.57, [680, 692, 1920, 1080]],
  [3280, 2464, bitDepth, 21.19],
]

const imx290 = (bitDepth: number): Row[] => [
  [1280, 720, bitDepth, 60, [320, 180, 1280, 720]],
  [1920, 1080, bitDepth, 60],
]

const IMX477 = sensor(4056, 3040, [
  [1332, 990, 10, 120.05, [696, 528, 2664, 1980]],
  [2028, 1080, 12, 50.03, [0, 440, 4056, 2160]],
  [2028, 1520, 12, 40.01],
  [4056, 3040, 12, 10],
])

const IMX290 = sensor(1920, 1080, [...imx290(10), ...imx290(12)])

/**
 * The modes of common sensors in Raspberry Pi's kernel, as its drivers define them and `rpicam-hello --list-cameras` prints
 * them. The rates depend on the link frequency: these are the lowest that were published.
 */
const SENSORS: Readonly<Record<string, Sensor>> = {
  imx219: sensor(3280, 2464, [...imx219(8), ...imx219(10)]), // Camera Module 2
  imx290: IMX290,
  imx296: sensor(1456, 1088, [[1456, 1088, 10, 60.38]]), // Global Shutter Camera
  imx327: IMX290,
  imx378: IMX477,
  imx462: IMX290,
  imx477: IMX477, // High Quality Camera
  imx500: sensor(4056, 3040, [
    [2028, 1520, 10, 30.02],
    [4056, 3040, 10, 10],
  ]), // AI Camera
  imx519: sensor(4656, 3496, [
    [1280, 720, 10, 80.01, [1048, 1042, 2560, 1440]],
    [1920, 1080, 10, 60.05, [408, 674, 3840, 2160]],
    [2328, 1748, 10, 30],
    [3840, 2160, 10, 18, [408, 672, 3840, 2160]],
    [4656, 3496, 10, 9],
  ]),
  imx708: sensor(4608, 2592, [
    [1536, 864, 10, 120.13, [768, 432, 3072, 1728]],
    [2304, 1296, 10, 56.03],
    [4608, 2592, 10, 14.35],
  ]), // Camera Module 3
  ov5647: sensor(2592, 1944, [
    [640, 480, 10, 58.92, [16, 0, 2560, 1920]],
    [1296, 972, 10, 43.25],
    [1920, 1080, 10, 30.62, [348, 434, 1928, 1080]],
    [2592, 1944, 10, 15.63],
  ]), // Camera Module 1
}

/** @param name a libcamera name such as `/base/soc/i2c0mux/i2c@1/imx219@10`, or a model such as `imx708_wide_noir`. */
export function knownSensor(name: string): Sensor | undefined {
  const model = /([a-z]+\d\w*?)(?:_\w+)?(?:@[^/]*)?$/i.exec(name)?.[1]?.toLowerCase()
  return model !== undefined && Object.hasOwn(SENSORS, model) ? SENSORS[model] : undefined
}

/**
 * The listed modes of a sensor, corrected with what is known of it. `rpicam-hello` prints a wrong crop (0x0, 65535x65535, or
 * that of another mode) while another program holds the camera, and with some kernels always.
 */
export function withKnownModes(listed: Sensor, known: Sensor | undefined): Sensor {
  const modes = listed.modes.map((mode): SensorMode => {
    const row = known?.modes.find(({ width, height }) => width === mode.width && height === mode.height)
    if (row !== undefined) return { ...mode, crop: row.crop, fps: mode.fps ?? row.fps }
    const isWhole = mode.width === listed.width && mode.height === listed.height
    const whole: Crop = { x: 0, y: 0, width: listed.width, height: listed.height }
    return isWhole ? { ...mode, crop: whole } : mode
  })
  return { ...listed, modes }
}
