import { writeFile } from 'node:fs/promises'
import {
  chooseFirstConfig,
  renderFirstConfig,
  testPictureConfig,
  type ChosenCamera,
  type FirstConfig,
} from './init-config.js'
import { notesOf, type CameraList } from '../camera/devices/discover.js'
import type { FoundCamera } from '../camera/devices/found-camera.js'
import type { Microphone } from '../camera/devices/microphones.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import type { CommandIO } from './command-io.js'
import { splitByModes } from './usb-mode.js'
import { messageOf } from '../lib/error-message.js'

export interface InitOptions {
  path: string
  /** A test pattern instead of the cameras. */
  testMode: boolean
  /** Replaces an existing file. */
  force: boolean
  /** Prints the configuration and writes no file. */
  stdout: boolean
  json: boolean
  /** File that explains every key. */
  examplePath: string
}

export interface InitMachine {
  probe: () => Promise<Machine>
  findCameras: () => Promise<CameraList>
  /** A microphone for each camera, as far as there are some. */
  findMicrophones?: (cameras: readonly FoundCamera[]) => Promise<(Microphone | undefined)[]>
}

/**
 * `rpi-webrtc init`: writes a configuration for the cameras found. Without a camera it writes nothing and returns exit code 1, because
 * a test pattern would hide the problem.
 * @throws MissingError if GStreamer is not installed, because the encoders are then unknown.
 */
export async function init(options: InitOptions, machine: InitMachine, shell: CommandIO): Promise<number> {
  const { testMode, stdout, json, path, examplePath } = options
  const probed = await machine.probe()
  const found = testMode ? { cameras: [], notes: [] } : await machine.findCameras()
  const { usable, notes: unusableNotes } = splitByModes(found.cameras)
  const notes = [...notesOf(found), ...unusableNotes]
  if (!testMode && usable.length === 0) {
    shell.printError(['No camera found, so nothing was written.', ...notes, TEST_PICTURE_HINT].join('\n  '))
    return 1
  }
  const microphones = (await machine.findMicrophones?.(usable)) ?? []
  const first = testMode ? testPictureConfig(probed) : chooseFirstConfig(usable, probed, microphones)
  const toml = renderFirstConfig(first, { model: probed.model, examplePath })
  if (!stdout) {
    const failure = await write(path, toml, options.force)
    if (failure !== undefined) {
      shell.printError(failure)
      return 1
    }
  }
  for (const note of notes) shell.printError(note)
  if (json) shell.print(JSON.stringify({ ...(stdout ? { toml } : { path }), ...first }, undefined, 2))
  else shell.print(stdout ? toml.trimEnd() : summary(first, path))
  return 0
}

const TEST_PICTURE_HINT = '"rpi-webrtc init --test-mode" writes one with a test pattern.'

/** Readable by owner and group only, because a password may be added. */
async function write(path: string, toml: string, force: boolean): Promise<string | undefined> {
  try {
    await writeFile(path, toml, { mode: 0o640, flag: force ? 'w' : 'wx' })
    return undefined
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'EEXIST':
        return `${path} exists already and was not changed: --force replaces it, --stdout prints the new configuration`
      case 'ENOENT':
        return `${path} cannot be written: its folder does not exist`
      case 'EACCES':
      case 'EPERM':
        return `${path} may not be written by this user: use sudo, or --config with another path`
      default:
        return `${path} cannot be written: ${messageOf(error)}`
    }
  }
}

const summary = ({ codec, why, cameras }: FirstConfig, path: string): string =>
  [
    `${path} was written:`,
    ...cameras.map((camera) => `  ${shown(camera)}`),
    `  codec ${codec}: ${why}`,
    `Next: rpi-webrtc doctor --config ${path}`,
  ].join('\n')

const shown = ({ key, name, width, height, fps, why, microphone }: ChosenCamera): string =>
  `${key}: ${name}, ${width}x${height} at ${fps}: ${why}` +
  (microphone === undefined
    ? ''
    : `\n    its sound is off; [${key}.audio] in the file is a suggestion: ${microphone.name}`)
