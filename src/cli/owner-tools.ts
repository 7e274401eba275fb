import { notesOf } from '../camera/devices/discover.js'
import { formatModes, sortedModes, type VideoMode } from '../camera/devices/video-modes.js'
import type { FoundCamera } from '../camera/devices/found-camera.js'
import type { Sensor } from '../camera/sensors/sensor.js'
import type { ControlValue } from '../config/controls.js'
import type { TomlTable } from '../config/toml.js'
import type { Config } from '../config/types.js'
import type { Check } from '../doctor/check.js'
import type { ConfigurationSource } from '../doctor/configuration.js'
import { hasProblem } from '../doctor/report.js'
import type { CommandIO } from './command-io.js'
import { diagnoseMachine } from './commands.js'
import { rowsOf } from './found-cameras.js'
import type { InitMachine } from './init.js'
import { chooseFirstConfig } from './init-config.js'
import { splitByModes } from './usb-mode.js'

export interface OfferedCamera {
  device: string
  node: string | undefined
  name: string
  kind: FoundCamera['kind']
  modes: string
  settings(video: TomlTable): Record<string, ControlValue>
}

const MAX_NAME_LENGTH = 60

/** The cameras of `rpi-webrtc cameras`, each with the settings that `init` would choose. @throws MissingError without GStreamer. */
export async function offerCameras(
  machine: InitMachine,
): Promise<{ cameras: OfferedCamera[]; notes: string[] }> {
  const [probed, list] = [await machine.probe(), await machine.findCameras()]
  const { usable, notes } = splitByModes(list.cameras)
  const { codec, cameras } = chooseFirstConfig(usable, probed)
  return {
    cameras: usable.map(({ device, node, name, kind, modes = [], sensor }, i) => ({
      device,
      node,
      name,
      kind,
      modes: formatModes(sensor === undefined ? modes : modesOf(sensor)),
      settings: (video) => ({ name: nameOf(name), ...rowsOf(cameras[i]!, codec, video) }),
    })),
    notes: [...notesOf(list), ...notes],
  }
}

const modesOf = ({ modes }: Sensor): VideoMode[] =>
  sortedModes(
    modes.map(({ width, height, fps }) => ({ width, height, rates: fps === undefined ? [] : [fps] })),
  )

/** As the key accepts it: a driver may return anything. */
const nameOf = (name: string): string =>
  name
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MAX_NAME_LENGTH)
    .trim() || 'Camera'

/** `rpi-webrtc doctor` of the running program. */
export async function report(
  config: Config,
  from: ConfigurationSource,
  shell: CommandIO,
): Promise<{ ok: boolean; chapters: { title: string; checks: Check[] }[] }> {
  const chapters = await diagnoseMachine(config, from, shell)
  return { ok: !hasProblem(chapters), chapters }
}
