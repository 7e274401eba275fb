import { MissingError } from '../../errors.js'
import { aptInstall } from './packages.js'

/** What this machine can capture and encode with, found once at the start by probeMachine. */
export interface Machine {
  /** GStreamer's version as gst-inspect-1.0 says it: `1.22.0`. */
  gstreamer: string
  /** Names of every element that is installed and usable; v4l2h264enc is among them only where the hardware is. */
  elements: ReadonlySet<string>
  /** libcamerasrc differs from release to release, and one property that it does not know ends the pipeline. */
  libcamerasrcProperties: ReadonlySet<string>
  /** Whether `setpriv --pdeathsig` works: it ties a capture process to the life of this one. */
  setpriv: boolean
  cores: number
  /** `Raspberry Pi 5 Model B Rev 1.0`; undefined on other machines. */
  model: string | undefined
}

/** What every pipeline is made of, whichever the camera and the encoder. */
const TRANSPORT = ['queue', 'capsfilter', 'rtpsession', 'udpsink', 'udpsrc'] as const

export const missingTransport = (machine: Machine): string[] =>
  TRANSPORT.filter((element) => !machine.elements.has(element))

/** @throws MissingError, with the command that installs what is missing, when no camera at all could be captured on this machine. */
export function requireTransport(machine: Machine): void {
  const missing = missingTransport(machine)
  if (missing.length === 0) return
  throw new MissingError({
    message: `GStreamer lacks ${missing.join(', ')}, which every camera needs`,
    hint: aptInstall(missing),
  })
}

/** Compares dotted versions number by number: 1.22.12 is at least 1.22.4. */
export function isAtLeast(version: string, minimum: string): boolean {
  const have = version.split('.').map(Number)
  const want = minimum.split('.').map(Number)
  for (const [i, number] of want.entries()) {
    const difference = (have[i] ?? 0) - number
    if (difference !== 0) return difference > 0
  }
  return true
}
