import type { CameraConfig } from '../../config/types.js'
import { chooseEncoder } from './encoder.js'
import type { CameraFailure } from '../camera-failure.js'
import type { Machine } from './machine.js'
import { aptInstall } from './packages.js'
import { missingForSnapshots } from './snapshot-branch.js'
import { buildPipeline } from './pipeline.js'
import type { IngestPorts } from './ports.js'
import { sourceElements } from './source.js'
import type { Env } from '../../lib/env.js'
import { gstEnvironment } from './environment.js'

export interface Command {
  file: string
  args: string[]
  env: Env
  /** Whether it delivers pictures by file descriptor 3. */
  snapshots?: boolean
}

/**
 * Where Orc, which makes GStreamer's inner loops when a pipeline starts, maps the memory for them: it asks for this folder
 * first, and on a disk without room for it the process is ended (SIGBUS). This one is memory.
 */
const CODE_FOLDER = '/dev/shm'

/**
 * How to capture a camera on this machine, or why it cannot be done here.
 * @param options.sharedBy how many cameras this machine encodes at once.
 */
export function captureCommand(options: {
  camera: CameraConfig
  ports: IngestPorts
  machine: Machine
  env: Env
  debug: boolean
  sharedBy?: number
}): Command | CameraFailure {
  const { camera, machine } = options
  const missing = sourceElements(camera).filter((element) => !machine.elements.has(element))
  if (missing.length > 0) return missingSource(missing)
  const encoder = chooseEncoder(camera, machine)
  if ('cause' in encoder) return encoder
  const args = buildPipeline(camera, encoder, machine, options)
  const launch: Command = {
    file: 'gst-launch-1.0',
    args,
    env: { ...gstEnvironment(options.env, options.debug), XDG_RUNTIME_DIR: CODE_FOLDER },
    snapshots: missingForSnapshots(machine).length === 0,
  }
  return machine.setpriv ? tiedToParent(launch) : launch
}

/**
 * A process that outlives us keeps the camera, and the next start finds it busy. The kernel ends it with us, however we
 * end (prctl(2), PR_SET_PDEATHSIG); setpriv only sets that and becomes the program, so the pid stays the one we started.
 */
const tiedToParent = ({ file, args, ...rest }: Command): Command => ({
  ...rest,
  file: 'setpriv',
  args: ['--pdeathsig', 'KILL', '--', file, ...args],
})

const missingSource = (elements: readonly string[]): CameraFailure => ({
  cause: 'missing-plugin',
  message: `GStreamer has no ${elements.map((element) => `"${element}"`).join(', ')}, which this camera needs.`,
  hint: aptInstall(elements),
})
