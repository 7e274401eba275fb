import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { MissingError } from '../../errors.js'
import { ExhaustedError } from '../../lib/exhausted.js'
import { silentLog, type Log } from '../../log.js'
import { gstEnvironment } from './environment.js'
import { type Env } from '../../lib/env.js'
import type { Machine } from './machine.js'
import { exec, type ExecResult } from '../../lib/exec.js'

/** The first listing after an installation builds GStreamer's registry of plugins: seconds, on an SD card many. */
const LISTING_LIMIT_MS = 120_000

/**
 * Finds what this machine can capture and encode with. Run once, before any camera starts: the listing also builds
 * GStreamer's registry, so that cameras do not build it at the same time.
 * @throws MissingError where GStreamer's programs are not installed; ExhaustedError where they cannot be run at present: what
 * they would have said is not known then, and a machine that lacks everything is another.
 */
export async function probeMachine(env: Env, log: Log = silentLog): Promise<Machine> {
  // What GStreamer would log of a listing is megabytes, more than is taken from any program.
  const gst = { ...gstEnvironment(env, false), GST_DEBUG: '0' }
  // @NOTE the listing, not `--exists libcamerasrc`: that asks for the version of GStreamer itself and says no.
  const listing = await ask('gst-inspect-1.0', ['--no-colors'], gst, LISTING_LIMIT_MS)
  if (listing.code === undefined) throw missing('gst-inspect-1.0')
  const elements = parseElements(listing.stdout)
  const hasLibcamera = elements.has('libcamerasrc')
  const [version, libcamerasrc, setpriv, model] = await Promise.all([
    ask('gst-launch-1.0', ['--version'], gst),
    hasLibcamera ? ask('gst-inspect-1.0', ['--no-colors', 'libcamerasrc'], gst) : undefined,
    ask('setpriv', ['--pdeathsig', 'KILL', '--', 'true'], env),
    readFile('/proc/device-tree/model', 'utf8').catch(() => ''),
  ])
  if (version.code === undefined) throw missing('gst-launch-1.0')
  const machine: Machine = {
    gstreamer: parseVersion(version.stdout) ?? '0',
    elements,
    libcamerasrcProperties: parseProperties(libcamerasrc?.stdout ?? ''),
    setpriv: setpriv.code === 0,
    cores: availableParallelism(),
    model: parseModel(model),
  }
  log.debug('machine', { gstreamer: machine.gstreamer, model: machine.model, cores: machine.cores })
  if (!machine.setpriv)
    log.warn('a capture process could outlive this program: setpriv is missing', {
      hint: 'sudo apt install util-linux',
    })
  return machine
}

async function ask(...command: Parameters<typeof exec>): Promise<ExecResult> {
  const ran = await exec(...command)
  if (ran.exhausted === undefined) return ran
  const { message, hint } = ran.exhausted
  throw new ExhaustedError(`${command[0]} could not be run: ${message} ${hint}`)
}

/** The names in `gst-inspect-1.0`'s listing, whose lines read `plugin:  element: Long name`. */
export function parseElements(listing: string): Set<string> {
  return new Set(Array.from(listing.matchAll(/^[^\s:]+: {2}([^\s:]+): /gm), ([, name]) => name!))
}

/** `1.22.0` of `gst-launch-1.0 version 1.22.0`. */
export const parseVersion = (text: string): string | undefined => / version (\d+(?:\.\d+)+)/.exec(text)?.[1]

/** The property names of `gst-inspect-1.0 ELEMENT`: those of the element itself, not those of its pads. */
export function parseProperties(description: string): Set<string> {
  const section = /^Element Properties:\n((?:[ \t].*\n|\n(?=[ \t]))*)/m.exec(description)?.[1] ?? ''
  return new Set(Array.from(section.matchAll(/^ {2}([\w-]+) *: /gm), ([, name]) => name!))
}

/** The kernel ends the text with a NUL byte. */
export function parseModel(text: string): string | undefined {
  const model = text.replaceAll('\0', '').trim()
  return model === '' ? undefined : model
}

const missing = (program: string): MissingError =>
  new MissingError({
    message: `${program} is not installed, and without GStreamer there is no picture`,
    hint:
      'sudo apt install gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good ' +
      'gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-x gstreamer1.0-libcamera',
  })
