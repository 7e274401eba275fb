import { MissingError } from '../../errors.js'
import type { Sensor } from '../sensors/sensor.js'
import type { LocalTime } from './time-zone.js'
import { aptInstall } from './packages.js'

export interface Machine {
  gstreamer: string
  /** Installed and usable elements; v4l2h264enc is among them only if the hardware exists. */
  elements: ReadonlySet<string>
  /** Releases differ, and an unknown property fails the pipeline. */
  libcamerasrcProperties: ReadonlySet<string>
  /** The version of libcamerasrc, such as `0.5.2+99-bfd68f78`; undefined without it. */
  libcamera: string | undefined
  /** The sensors of the camera modules by libcamera name, if a program has listed them. */
  sensors: ReadonlyMap<string, Sensor>
  setpriv: boolean
  cores: number
  /** `Raspberry Pi 5 Model B Rev 1.0`; undefined on other machines. */
  model: string | undefined
  time?: LocalTime
}

const TRANSPORT = ['queue', 'capsfilter', 'rtpsession', 'udpsink', 'udpsrc'] as const

export const missingTransport = (machine: Machine): string[] =>
  TRANSPORT.filter((element) => !machine.elements.has(element))

export function requireTransport(machine: Machine): void {
  const missing = missingTransport(machine)
  if (missing.length === 0) return
  throw new MissingError({
    message: `GStreamer lacks ${missing.join(', ')}, which every camera needs`,
    hint: aptInstall(missing),
  })
}

/** 1.22.12 is at least 1.22.4. */
export function isAtLeast(version: string, minimum: string): boolean {
  const have = version.split('.').map(Number)
  const want = minimum.split('.').map(Number)
  for (const [i, number] of want.entries()) {
    const difference = (have[i] ?? 0) - number
    if (difference !== 0) return difference > 0
  }
  return true
}
