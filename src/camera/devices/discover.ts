import { gstEnvironment } from '../gstreamer/environment.js'
import { type Env } from '../../lib/env.js'
import { exec } from '../../lib/exec.js'
import type { FoundCamera } from './found-camera.js'
import { knownSensor } from '../sensors/known-sensors.js'
import { listSensors } from './sensor-list.js'
import { sensorLines } from './sensor-text.js'
import { parseCam, parseDeviceMonitor, parseRpicam } from './libcamera-lists.js'
import { withStablePaths } from './stable-path.js'
import { listV4l2 } from './v4l2-nodes.js'
import { formatModes, parseV4l2Modes } from './video-modes.js'

export interface CameraList {
  cameras: FoundCamera[]
  /** Sentences: which search failed, and how to fix that. */
  notes: string[]
}

/** The cameras of this machine: libcamera modules first, then USB and other V4L2 capture devices. */
export async function discoverCameras(env: Env): Promise<CameraList> {
  const [modules, nodes] = await Promise.all([listLibcamera(env), listV4l2()])
  const devices = await Promise.all(
    nodes.map(async (node) => {
      const { code, stdout } = await exec('v4l2-ctl', ['-d', node.device, '--list-formats-ext'], env, 5000)
      return code === 0 ? { ...node, modes: parseV4l2Modes(stdout) } : node
    }),
  )
  const cameras = [...(await withSensor(modules.cameras, env)), ...(await withStablePaths(devices))]
  return { cameras, notes: modules.notes }
}

/** After the search: two programs cannot open one camera at the same time. */
async function withSensor(modules: readonly FoundCamera[], env: Env): Promise<FoundCamera[]> {
  const listed = modules.length === 0 ? undefined : await listSensors(env)
  return modules.map((camera) => {
    const sensor = listed?.get(camera.device) ?? knownSensor(camera.device)
    return sensor === undefined ? camera : { ...camera, sensor }
  })
}

/** A `device` line for config.toml per camera, with its name and modes as comments. */
export function formatCameras({ cameras, notes }: CameraList): string {
  const found = cameras.map(({ kind, device, name, modes = [], sensor }) => {
    const type = kind === 'libcamera' ? 'camera module' : 'V4L2 device'
    const own = modes.length === 0 ? '' : `# ${formatModes(modes)}\n`
    const sizes = sensor === undefined ? own : sensorLines(sensor)
    return `# ${name} (${type})\n${sizes}device = ${JSON.stringify(device)}\n`
  })
  const none = cameras.length === 0 ? ['No camera found.\n'] : []
  return [...found, ...none, ...notes.map((note) => `${note}\n`)].join('\n')
}

const NO_LIBCAMERA_TOOL =
  'Camera modules could not be searched for: no program that lists them is installed. ' +
  'Install one with: sudo apt install libcamera-tools (on Raspberry Pi OS also rpicam-apps-lite).'

/** Fastest first; the first one that succeeds is used. */
const LISTERS = [
  { file: 'cam', args: ['-l'], parse: parseCam },
  { file: 'rpicam-hello', args: ['--list-cameras'], parse: parseRpicam },
  { file: 'libcamera-hello', args: ['--list-cameras'], parse: parseRpicam },
] as const

async function listLibcamera(env: Env): Promise<CameraList> {
  const gst = gstEnvironment(env, false)
  const notes: string[] = []
  for (const { file, args, parse } of LISTERS) {
    const { code, stdout, stderr } = await exec(file, [...args], gst)
    // Releases differ in which of the two streams carries the list.
    if (code === 0) return { cameras: parse(`${stdout}\n${stderr}`), notes: [] }
    if (code !== undefined) notes.push(`${file} ${args.join(' ')} failed: ${lastLine(stderr)}`)
  }
  // Without libcamera's device provider the monitor would list V4L2 devices only.
  const provider = await exec('gst-inspect-1.0', ['libcameraprovider'], gst)
  const monitor = provider.code === 0 ? await exec('gst-device-monitor-1.0', ['Video/Source'], gst) : provider
  if (monitor.code === 0) return { cameras: parseDeviceMonitor(monitor.stdout), notes: [] }
  return { cameras: [], notes: notes.length > 0 ? notes : [NO_LIBCAMERA_TOOL] }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) || 'no output.'
