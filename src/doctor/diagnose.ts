import { notesOf, type CameraList } from '../camera/devices/discover.js'
import type { Microphone } from '../camera/devices/microphones.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import type { Config } from '../config/types.js'
import type { MissingError } from '../errors.js'
import { deadline } from '../lib/deadline.js'
import { checkDevice } from './cameras.js'
import { problem, warning, type Chapter, type Check } from './check.js'
import { checkConfiguration, type ConfigurationSource } from './configuration.js'
import { suggestDevices } from './device-suggestions.js'
import { checkFallbacks } from './fallbacks.js'
import { checkControls } from './controls.js'
import { checkNames, type NamedCamera } from './device-names.js'
import { checkFirewall } from './firewall.js'
import { checkCapture, checkGStreamer } from './gstreamer.js'
import { checkMachine } from './host.js'
import { checkNetwork } from './network.js'
import { checkPorts } from './ports.js'
import { readProcesses, type Processes } from './processes.js'
import { checkRunningCameras } from './running-cameras.js'
import { checkRunningViewers } from './running-viewers.js'
import { checkService, serviceUser } from './service.js'
import { checkSound } from './sound.js'
import type { System } from './system.js'
import { checkTls } from './tls.js'
import { checkTwoSizes } from './two-sizes.js'
import { openedPorts } from './wanted-ports.js'

export interface Subject {
  config: Config
  from: ConfigurationSource
  /** Result of probeMachine, or its error. */
  machine: Machine | MissingError
  cameras: CameraList
  microphones?: readonly Microphone[]
  /** process.versions.node, such as `20.19.0`. */
  nodeVersion: string
  system: System
}

/** Of each part: a user is waiting at the terminal. */
const LIMIT_MS = 15_000

/** Checks this machine and its network. Never throws. */
export async function diagnose(subject: Subject, limitMs = LIMIT_MS): Promise<Chapter[]> {
  const { config, machine, system } = subject
  const present = 'elements' in machine ? machine : undefined
  const model = present?.model ?? (await modelOf(system))
  const processes = await processesWithin(limitMs, system)
  const part = async (title: string, checks: Promise<Check[]>): Promise<Check[]> => {
    const unchecked = (why: string): Check[] => [warning('unchecked', title, `could not be checked${why}`)]
    using limit = deadline(limitMs, unchecked(' in time'))
    // A part that throws is a bug of ours, and must not hide the other parts.
    return await Promise.race([
      checks.catch((error: unknown) => unchecked(`: ${String(error)}`)),
      limit.reached,
    ])
  }

  const suggestions = await suggestDevices(config.cameras, subject.cameras, system)
  // The test picture that stands for missing cameras plays, and would hide that they are missing.
  const isWithoutCamera = subject.from.origin === 'test-picture'
  const named = isWithoutCamera ? [] : await namesWithin(limitMs, subject)
  const [computer, service, ports, network, firewall, tls, running, viewers, ...perCamera] =
    await Promise.all([
      part(
        'machine',
        checkMachine(system, { model, cores: present?.cores, nodeVersion: subject.nodeVersion }),
      ),
      part('service', checkService(system, processes)),
      part('ports', checkPorts(config, system, processes)),
      part('network', checkNetwork(config, system)),
      part('firewall', checkFirewall(openedPorts(config), system)),
      part(
        'certificate',
        serviceUser(system).then(async (user) => await checkTls(config, system, user)),
      ),
      part('running cameras', checkRunningCameras(config, system, processes)),
      part('viewers', checkRunningViewers(config, system, processes)),
      ...named.map(async ({ camera, checks, isRefused }) => [
        ...checks,
        ...(isRefused
          ? []
          : await part(
              `${camera.key} device`,
              checkDevice(camera, {
                present: subject.cameras,
                model,
                system,
                processes,
                suggestion: suggestions.get(camera.key),
              }),
            )),
        ...(present === undefined
          ? []
          : [...checkCapture(camera, present), ...checkTwoSizes(camera, present)]),
        ...(await part(`${camera.key} settings`, checkFallbacks(camera, system))),
        ...(await part(
          `${camera.key} controls`,
          checkControls(camera, { machine: present, cameras: subject.cameras, system }),
        )),
        ...(await part(
          `${camera.key} sound`,
          checkSound(camera, {
            cameras: config.cameras,
            microphones: subject.microphones ?? [],
            machine: present,
            system,
            processes,
          }),
        )),
      ]),
    ])
  return [
    { title: 'This machine', checks: [...computer, ...checkConfiguration(subject.from), ...service] },
    { title: 'GStreamer', checks: checkGStreamer(machine, subject.config.cameras) },
    {
      title: 'Cameras',
      checks: isWithoutCamera ? aboutNoCamera(subject.cameras) : [...perCamera.flat(), ...running],
    },
    { title: 'Network', checks: [...network, ...ports, ...firewall, ...tls, ...viewers] },
  ]
}

/** No camera was found: the notes of the search may tell why. */
const aboutNoCamera = (list: CameraList): Check[] => [
  problem('camera-found', 'camera', 'none was found', 'rpi-webrtc cameras'),
  ...notesOf(list).map((note) => warning('camera-found', 'camera', note)),
]

const modelOf = async (system: System): Promise<string | undefined> =>
  (await system.readText('/proc/device-tree/model'))?.replaceAll('\0', '').trim() || undefined

async function processesWithin(limitMs: number, system: System): Promise<Processes> {
  const none: Processes = { holdersOf: async () => await Promise.resolve([]), server: undefined }
  using limit = deadline(limitMs, none)
  return await Promise.race([readProcesses(system).catch(() => none), limit.reached])
}

/** Without the names of this machine, the devices are checked as they are written. */
async function namesWithin(limitMs: number, { config, cameras, system }: Subject): Promise<NamedCamera[]> {
  const asWritten = config.cameras.map((camera) => ({ camera, checks: [], isRefused: false }))
  using limit = deadline(limitMs, asWritten)
  return await Promise.race([
    checkNames(config.cameras, cameras, system).catch(() => asWritten),
    limit.reached,
  ])
}
