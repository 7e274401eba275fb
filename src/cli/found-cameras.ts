import { chooseFirstConfig, testPictureConfig, type ChosenCamera, type FirstConfig } from './init-config.js'
import type { InitMachine } from './init.js'
import { splitByModes } from './usb-mode.js'
import { notesOf } from '../camera/devices/discover.js'
import type { ControlValue } from '../config/controls.js'
import type { CameraOrigin } from '../config/source.js'
import type { TomlTable } from '../config/toml.js'

/** Cameras for a configuration that names none, as the tables of a file. */
export interface FoundTables {
  origin: Exclude<CameraOrigin, 'file'>
  toml: string
  /** Why none was found, in sentences. */
  notes: string[]
}

/**
 * Searches for cameras each time it is asked. A camera keeps its number and its settings, also while it is unplugged; new ones get
 * the next numbers. Until the first is found there is a test picture that says so.
 */
export class FoundCameras {
  #known: ChosenCamera[] = []
  readonly #machine: InitMachine

  constructor(machine: InitMachine) {
    this.#machine = machine
  }

  /** @param video the [video] table of the file: its keys take precedence. @throws MissingError if GStreamer is not installed. */
  async tables(video: TomlTable): Promise<FoundTables> {
    const machine = await this.#machine.probe()
    const list = await this.#machine.findCameras()
    const { usable, notes } = splitByModes(list.cameras)
    const chosen = chooseFirstConfig(usable, machine)
    const isNew = ({ device }: ChosenCamera): boolean => this.#known.every((one) => one.device !== device)
    for (const camera of chosen.cameras.filter(isNew))
      this.#known.push({ ...camera, key: `camera${this.#known.length + 1}` })
    if (this.#known.length > 0)
      return { origin: 'found', toml: tablesOf({ ...chosen, cameras: this.#known }, video), notes: [] }
    const toml = tablesOf(testPictureConfig(machine), video, TEST_PICTURE)
    return { origin: 'test-picture', toml, notes: [...notesOf(list), ...notes] }
  }
}

/** Nobody watches it for long, so it is small, slow, and encoded on demand. */
const TEST_PICTURE: TomlTable = {
  name: 'Test picture: no camera was found',
  overlay: 'No camera was found. Connect one; "rpi-webrtc doctor" helps.',
  fps: 10,
  'on-demand': true,
}

function tablesOf({ codec, cameras }: FirstConfig, video: TomlTable, more: TomlTable = {}): string {
  const lines = cameras.map((camera) => {
    const rows = Object.entries(rowsOf(camera, codec, video, more))
    return `[${camera.key}]\n${rows.map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`).join('')}`
  })
  return `\n${lines.join('')}`
}

/** The table of a camera. @param codec for all of them. @param video the [video] table of the file: its keys take precedence. */
export function rowsOf(
  {
    key: _key,
    why: _why,
    name: _name,
    microphone: _microphone,
    format,
    codec: ownCodec,
    ...camera
  }: ChosenCamera,
  codec: FirstConfig['codec'],
  video: TomlTable,
  more: TomlTable = {},
): Record<string, ControlValue> {
  // A camera that encodes H.264 chooses its bitrate itself, and its codec cannot be another one.
  const fixed = format === 'h264' ? { format, codec: ownCodec } : { format }
  const chosen =
    format === 'h264'
      ? { ...camera, bitrate: undefined }
      : { codec: 'encoder' in video ? undefined : codec, ...camera }
  const wanted = Object.entries({ ...chosen, ...more }).filter(([name]) => !(name in video))
  const rows = [...wanted, ...Object.entries(fixed)].filter(([, value]) => value !== undefined)
  return Object.fromEntries(rows) as Record<string, ControlValue>
}
