import type { CameraConfig } from '../../config/types.js'
import { chooseEncoder } from './encoder.js'
import { onRung, rungsOf, viewOf, type Rung } from './rung.js'
import type { CameraFailure } from '../camera-failure.js'
import { lowOutputOf } from './low-branch.js'
import { controlObstacle } from './libcamera-controls.js'
import type { Machine } from './machine.js'
import { aptInstall } from './packages.js'
import { missingForSnapshots } from './snapshot-branch.js'
import { buildPipeline } from './pipeline.js'
import type { IngestPorts } from './ports.js'
import { sourceElements } from './source.js'
import type { Env } from '../../lib/env.js'
import { gstEnvironment, tuningEnvironment } from './environment.js'

export interface Command {
  file: string
  args: string[]
  env: Env
  /** Whether it sends snapshots on file descriptor 3. */
  snapshots?: boolean
}

/** Where Orc, GStreamer's run-time compiler, maps its code. A full disk would end the process with SIGBUS. */
const CODE_FOLDER = '/dev/shm'

export function captureCommand(options: {
  camera: CameraConfig
  ports: IngestPorts
  /** Of the small size. */
  lowPorts?: IngestPorts | undefined
  machine: Machine
  env: Env
  debug: boolean
  sharedBy?: number
  /** Left out: the best of this machine. */
  rung?: Rung
}): Command | CameraFailure {
  const { camera, machine } =
    options.rung === undefined ? options : onRung(options.rung, options.camera, options.machine)
  const missing = sourceElements(camera).filter((element) => !machine.elements.has(element))
  if (missing.length > 0) return missingSource(missing)
  const obstacle = controlObstacle(camera, machine)
  if (obstacle !== undefined) return obstacle
  const encoder = chooseEncoder(camera, machine)
  if ('cause' in encoder) return encoder
  const rungs = rungsOf(camera, machine)
  if ('cause' in rungs) return rungs
  const rung = options.rung ?? rungs.first
  const args = buildPipeline(camera, encoder, machine, {
    ...options,
    view: viewOf(rungs, rung),
    dmabufImport: rung.dmabufImport,
    convert: rung.convert === true,
    low: lowOutputOf(camera, machine, rung.low, options.lowPorts),
  })
  const snapshots = encoder.element !== 'passthrough' && missingForSnapshots(machine).length === 0
  return launch({ ...options, args, snapshots })
}

/** @param snapshots whether the pipeline writes to the snapshot socket. */
export function launch(options: {
  args: string[]
  camera: CameraConfig
  machine: Machine
  env: Env
  debug: boolean
  snapshots: boolean
}): Command {
  const { args, camera, machine, snapshots } = options
  const command: Command = {
    file: 'gst-launch-1.0',
    args,
    env: {
      ...gstEnvironment(options.env, options.debug),
      ...tuningEnvironment(camera),
      XDG_RUNTIME_DIR: CODE_FOLDER,
      ...zone(machine),
    },
    snapshots,
  }
  return machine.setpriv ? killedWithParent(command) : command
}

/** For the text of `overlay`. */
const zone = ({ time }: Machine): Env => (time?.tz === undefined ? {} : { TZ: time.tz })

/**
 * A capture process that outlives the server would keep the camera busy. The kernel kills it when the server exits
 * (PR_SET_PDEATHSIG, prctl(2)). setpriv execs the program, so the pid stays the same.
 */
const killedWithParent = ({ file, args, ...rest }: Command): Command => ({
  ...rest,
  file: 'setpriv',
  args: ['--pdeathsig', 'KILL', '--', file, ...args],
})

export const missingSource = (elements: readonly string[]): CameraFailure => ({
  cause: 'missing-plugin',
  message: `GStreamer has no ${elements.map((element) => `"${element}"`).join(', ')}, which this camera needs.`,
  hint: aptInstall(elements),
})
