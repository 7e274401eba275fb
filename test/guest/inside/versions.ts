import { release } from 'node:os'
import { output } from './commands.js'

/** Of what the cases run on, as far as the program does not bring it along. */
export async function versions(): Promise<string[]> {
  const gstreamer = /GStreamer [\d.]+/.exec(await output('gst-launch-1.0', ['--version']))
  return [
    `Linux ${release()}`,
    gstreamer?.[0] ?? 'no GStreamer',
    `libcamera ${(await libcameraVersion()).join('.')}`,
    `Node.js ${process.versions.node}`,
  ]
}

export const gstreamerVersion = async (): Promise<number[]> =>
  numbersOf(/GStreamer ([\d.]+)/.exec(await output('gst-launch-1.0', ['--version'])))

export const libcameraVersion = async (): Promise<number[]> =>
  numbersOf(/^\s*Version\s+([\d.]+)/m.exec(await output('gst-inspect-1.0', ['libcamera'])))

/** Whether a version is the other one or a later one. */
export function isAtLeast(version: number[], other: number[]): boolean {
  const at = other.findIndex((part, index) => part !== (version[index] ?? 0))
  return at === -1 || (version[at] ?? 0) > other[at]!
}

const numbersOf = (match: RegExpExecArray | null): number[] => match?.[1]?.split('.').map(Number) ?? []
