import { exec } from '../../lib/exec.js'
import type { Env } from '../../lib/env.js'
import { gstEnvironment } from '../gstreamer/environment.js'
import { knownSensor, withKnownModes } from '../sensors/known-sensors.js'
import type { Crop, Sensor, SensorMode } from '../sensors/sensor.js'

/** Sensors by the libcamera name of their camera. */
export type Sensors = ReadonlyMap<string, Sensor>

/** It configures every mode of every camera: about a second on a Raspberry Pi 4. */
const LIMIT_MS = 15_000

const LISTERS = ['rpicam-hello', 'libcamera-hello'] as const

/**
 * The sensor modes of the camera modules, as rpicam-hello lists them. `cam` is not asked, because it prints no crops. Empty if
 * neither program is installed: then the table of known sensors has to do.
 */
export async function listSensors(env: Env, limitMs = LIMIT_MS): Promise<Sensors> {
  for (const file of LISTERS) {
    const { code, stdout, stderr } = await exec(file, ['--list-cameras'], gstEnvironment(env, false), limitMs)
    // Releases differ in which of the two streams carries the list.
    if (code === 0) return parseSensors(`${stdout}\n${stderr}`)
  }
  return new Map()
}

/** Lists the sensors of these cameras, unless they are known already: a camera that is in use cannot be listed rightly. */
export async function sensorsFor(known: Sensors, names: readonly string[], env: Env): Promise<Sensors> {
  if (names.every((name) => known.has(name))) return known
  return new Map([...(await listSensors(env)), ...known])
}

/** `0 : imx219 [3280x2464 10-bit RGGB] (/base/...)`, then `Modes: 'SRGGB10_CSI2P' : 640x480 [206.65 fps - (x, y)/WxH crop]`. */
export function parseSensors(text: string): Sensors {
  const cameras = text.matchAll(
    /^\d+ : (\S+) \[(\d+)x(\d+)[^\]\n]*\] \(([^()\n]+)\)\S*$((?:\n(?!\d+ : ).*)*)/gm,
  )
  return new Map(
    Array.from(cameras, ([, , width, height, device, below]) => {
      const listed: Sensor = { width: Number(width), height: Number(height), modes: parseModes(below!) }
      return [device!, withKnownModes(listed, knownSensor(device!))] as const
    }).filter(([, { modes }]) => modes.length > 0),
  )
}

function parseModes(text: string): SensorMode[] {
  const modes: SensorMode[] = []
  let bitDepth: number | undefined
  const tokens =
    /'[A-Z]+?(\d+)\w*' :|(\d+)x(\d+) [[(]([\d.]+|inf) fps(?: - \((\d+), (\d+)\)\/(\d+)x(\d+) crop)?/g
  for (const [, depth, width, height, fps, ...crop] of text.matchAll(tokens)) {
    if (depth !== undefined) bitDepth = Number(depth)
    else if (bitDepth !== undefined)
      modes.push({
        width: Number(width),
        height: Number(height),
        bitDepth,
        fps: plausibleRate(Number(fps)),
        crop: plausibleCrop(crop.map(Number)),
      })
  }
  return modes
}

const plausibleRate = (fps: number): number | undefined => (fps > 0 && fps < 2000 ? fps : undefined)

/** While another program holds the camera, the crop is 0x0 or 65535x65535. */
function plausibleCrop([x = NaN, y = NaN, width = NaN, height = NaN]: number[]): Crop | undefined {
  return width > 0 && width < 65_535 && height > 0 && height < 65_535 ? { x, y, width, height } : undefined
}
