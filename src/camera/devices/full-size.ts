import type { Env } from '../../lib/env.js'
import type { FullSize } from '../gstreamer/full-snapshot.js'
import type { SensorMode } from '../sensors/sensor.js'
import { listV4l2Modes } from './list-v4l2-modes.js'
import { listSensors } from './sensor-list.js'

const LIST_LIMIT_MS = 8000

/** The largest mode of a camera, also while it is in use; undefined if no program lists its modes. */
export async function findFullSize(
  device: { kind: 'libcamera'; name: string } | { kind: 'v4l2'; path: string },
  env: Env,
): Promise<FullSize | undefined> {
  if (device.kind === 'libcamera') return await sensorSize(device.name, env)
  const modes = await listV4l2Modes(device.path, env, LIST_LIMIT_MS)
  for (const { width, height, rates, format } of modes.toReversed()) {
    if (format === 'h264') continue // a picture of it needs a decoder
    return { width, height, fps: rates[0] ?? 1, ...(format === undefined ? {} : { format }) }
  }
  return undefined
}

async function sensorSize(name: string, env: Env): Promise<FullSize | undefined> {
  const modes = (await listSensors(env, LIST_LIMIT_MS)).get(name)?.modes ?? []
  const pixels = ({ width, height }: SensorMode): number => width * height
  const [largest] = [...modes].sort((a, b) => pixels(b) - pixels(a))
  return largest && { width: largest.width, height: largest.height, fps: Math.floor(largest.fps ?? 1) }
}
