import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { MissingError } from '../../errors.js'
import { ExhaustedError } from '../../lib/exhausted.js'
import { silentLog, type Log } from '../../log.js'
import { gstEnvironment } from './environment.js'
import { type Env } from '../../lib/env.js'
import type { Machine } from './machine.js'
import { probeTimeZone } from './time-zone.js'
import { exec, type ExecResult } from '../../lib/exec.js'

/** The first listing builds GStreamer's plugin registry, which is slow on an SD card. */
const LISTING_LIMIT_MS = 120_000

/**
 * Runs before any camera starts: the listing also builds GStreamer's registry, which cameras would otherwise build at the
 * same time.
 * @throws MissingError if GStreamer's programs are not installed. ExhaustedError if they cannot be run now.
 */
export async function probeMachine(env: Env, log: Log = silentLog): Promise<Machine> {
  // A debug log of the listing would exceed the output limit of exec().
  const gst = { ...gstEnvironment(env, false), GST_DEBUG: '0' }
  // @NOTE not `--exists libcamerasrc`: it also compares the version with that of GStreamer, and fails.
  const listing = await run('gst-inspect-1.0', ['--no-colors'], gst, LISTING_LIMIT_MS)
  if (listing.code === undefined) throw missing('gst-inspect-1.0')
  const elements = parseElements(listing.stdout)
  const hasLibcamera = elements.has('libcamerasrc')
  const [version, libcamerasrc, setpriv, model, time] = await Promise.all([
    run('gst-launch-1.0', ['--version'], gst),
    hasLibcamera ? run('gst-inspect-1.0', ['--no-colors', 'libcamerasrc'], gst) : undefined,
    run('setpriv', ['--pdeathsig', 'KILL', '--', 'true'], env),
    readFile('/proc/device-tree/model', 'utf8').catch(() => ''),
    probeTimeZone(env),
  ])
  if (version.code === undefined) throw missing('gst-launch-1.0')
  const machine: Machine = {
    gstreamer: parseVersion(version.stdout) ?? '0',
    elements,
    libcamerasrcProperties: parseProperties(libcamerasrc?.stdout ?? ''),
    libcamera: parsePluginVersion(libcamerasrc?.stdout ?? ''),
    sensors: new Map(),
    setpriv: setpriv.code === 0,
    cores: availableParallelism(),
    model: parseModel(model),
    time,
  }
  log.debug('machine', { gstreamer: machine.gstreamer, model: machine.model, cores: machine.cores })
  if (!machine.setpriv)
    log.warn('setpriv is missing: a capture process could outlive this program', {
      hint: 'sudo apt install util-linux',
    })
  return machine
}

/** A machine without GStreamer, which is enough where others capture and encode. */
export const machineWithoutGStreamer = (): Machine => ({
  gstreamer: '0',
  elements: new Set(),
  libcamerasrcProperties: new Set(),
  libcamera: undefined,
  sensors: new Map(),
  setpriv: true,
  cores: availableParallelism(),
  model: undefined,
})

async function run(...command: Parameters<typeof exec>): Promise<ExecResult> {
  const result = await exec(...command)
  if (result.exhausted === undefined) return result
  const { message, hint } = result.exhausted
  throw new ExhaustedError(`${command[0]} could not be run: ${message} ${hint}`)
}

/** Lines of `gst-inspect-1.0` read `plugin:  element: Long name`. */
export function parseElements(listing: string): Set<string> {
  return new Set(Array.from(listing.matchAll(/^[^\s:]+: {2}([^\s:]+): /gm), ([, name]) => name!))
}

export const parseVersion = (text: string): string | undefined => / version (\d+(?:\.\d+)+)/.exec(text)?.[1]

/** Without the properties of its pads. */
export function parseProperties(description: string): Set<string> {
  const section = /^Element Properties:\n((?:[ \t].*\n|\n(?=[ \t]))*)/m.exec(description)?.[1] ?? ''
  return new Set(Array.from(section.matchAll(/^ {2}([\w-]+) *: /gm), ([, name]) => name!))
}

/** The version of the plugin that an element belongs to. */
export const parsePluginVersion = (description: string): string | undefined =>
  /^Plugin Details:\n(?:[ \t].*\n)*?[ \t]+Version[ \t]+(\S+)/m.exec(description)?.[1]

/** Without the NUL byte at the end of /proc/device-tree/model. */
export function parseModel(text: string): string | undefined {
  const model = text.replaceAll('\0', '').trim()
  return model === '' ? undefined : model
}

const missing = (program: string): MissingError =>
  new MissingError({
    message: `${program} is not installed. GStreamer is required to capture video`,
    hint:
      'sudo apt install gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good ' +
      'gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-x gstreamer1.0-libcamera',
  })
