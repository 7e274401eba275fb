import { constants } from 'node:fs'
import { access, readdir } from 'node:fs/promises'
import { gstEnvironment } from '../gstreamer/environment.js'
import { type Env } from '../../lib/env.js'
import { exec } from '../../lib/exec.js'
import type { FoundCamera, RefusedNode } from './found-camera.js'
import { knownSensor } from '../sensors/known-sensors.js'
import { listSensors } from './sensor-list.js'
import { sensorLines } from './sensor-text.js'
import { parseCam, parseDeviceMonitor, parseRpicam } from './libcamera-lists.js'
import { noirTuningFile } from './noir.js'
import { withStablePaths } from './stable-path.js'
import { parseNodeUse } from './v4l2-capabilities.js'
import { chooseV4l2Cameras, type InspectedNode } from './v4l2-cameras.js'
import { parseV4l2Formats } from './v4l2-modes.js'
import { listV4l2Nodes, type V4l2Node } from './v4l2-nodes.js'
import { formatModes } from './video-modes.js'

export interface CameraList {
  cameras: FoundCamera[]
  /** Sentences: which search for camera modules failed, and how to fix that. */
  notes: string[]
  /** Sentences about V4L2 devices: what could not be asked, or is no camera to open. */
  v4l2Notes?: string[]
  /** V4L2 nodes that are no cameras to open. */
  refused?: RefusedNode[]
}

export interface DevicePlaces {
  sys: string
  dev: string
  /** Whether the file exists and this user may not read and write it. */
  isForbidden: (path: string) => Promise<boolean>
  /** False lists V4L2 devices only, which opens no camera. */
  modules: boolean
}

const PLACES: DevicePlaces = {
  sys: '/sys/class/video4linux',
  dev: '/dev',
  isForbidden: async (path) =>
    await access(path, constants.R_OK | constants.W_OK).then(
      () => false,
      (error: unknown) => (error as NodeJS.ErrnoException).code === 'EACCES',
    ),
  modules: true,
}

/** The cameras of this machine: libcamera modules first, then USB and other V4L2 capture devices. */
export async function discoverCameras(env: Env, about: Partial<DevicePlaces> = {}): Promise<CameraList> {
  const places = { ...PLACES, ...about }
  const [modules, nodes] = await Promise.all([
    places.modules ? listLibcamera(env) : { cameras: [], notes: [] },
    listV4l2Nodes(places.sys).then(
      async (all) => await Promise.all(all.map((node) => inspect(node, env, places))),
    ),
  ])
  const { cameras, refused } = chooseV4l2Cameras(nodes)
  const notes = [...modules.notes, ...(modules.cameras.length > 0 ? [] : await closedMedia(places))]
  const v4l2Notes = [
    ...(cameras.some(({ modes }) => modes === undefined) ? await missingV4l2Ctl(env) : []),
    ...refused.filter(({ why }) => NOTEWORTHY.has(why)).map(noteOf),
  ]
  const found = [...(await withSensor(modules.cameras, env)), ...(await withStablePaths(cameras))]
  return { cameras: found, notes, v4l2Notes, refused }
}

/** After the search: two programs cannot open one camera at the same time. */
async function withSensor(modules: readonly FoundCamera[], env: Env): Promise<FoundCamera[]> {
  const listed = modules.length === 0 ? undefined : await listSensors(env)
  return modules.map((camera) => {
    const sensor = listed?.get(camera.device) ?? knownSensor(camera.device)
    return sensor === undefined ? camera : { ...camera, sensor }
  })
}

/** Everything that a user should know about the search. */
export const notesOf = ({ notes, v4l2Notes = [] }: CameraList): string[] => [...notes, ...v4l2Notes]

/** The user may expect these to be cameras. The others are nodes that every Pi has. */
const NOTEWORTHY: ReadonlySet<RefusedNode['why']> = new Set([
  'closed',
  'no-usable-format',
  'idle-loopback',
  'second-node',
])

const noteOf = ({ node, name, detail, hint }: RefusedNode): string => `${node} (${name}) ${detail}. ${hint}.`

async function inspect(node: V4l2Node, env: Env, { isForbidden }: DevicePlaces): Promise<InspectedNode> {
  const isClosed = await isForbidden(node.path)
  const { code, stdout } = isClosed
    ? { code: undefined, stdout: '' }
    : await exec('v4l2-ctl', ['-d', node.path, '-D', '--list-formats-ext'], env, 5000)
  const isListed = code === 0
  return {
    ...node,
    isClosed,
    use: isListed ? parseNodeUse(stdout) : undefined,
    formats: isListed ? parseV4l2Formats(stdout) : undefined,
  }
}

/** libcamera lists no camera and reports no error if its devices may not be opened. */
async function closedMedia({ dev, isForbidden }: DevicePlaces): Promise<string[]> {
  const media = (await readdir(dev).catch(() => [])).filter((name) => /^media\d+$/.test(name))
  const forbidden = await Promise.all(media.map(async (name) => await isForbidden(`${dev}/${name}`)))
  const closed = media.filter((_, i) => forbidden[i]).map((name) => `${dev}/${name}`)
  if (closed.length === 0) return []
  return [
    `This user may not open ${closed.join(', ')}, so camera modules cannot be listed. ` +
      'sudo usermod -aG video "$USER", then log out and in again.',
  ]
}

async function missingV4l2Ctl(env: Env): Promise<string[]> {
  const { code } = await exec('v4l2-ctl', ['--version'], env, 5000)
  if (code !== undefined) return []
  return [
    'The sizes and formats of USB cameras are unknown: v4l2-ctl is not installed. sudo apt install v4l-utils.',
  ]
}

/** A `device` line for config.toml per camera, with its name and modes as comments. */
export function formatCameras(list: CameraList): string {
  const { cameras } = list
  const found = cameras.map(({ kind, device, name, modes = [], sensor }) => {
    const type = kind === 'libcamera' ? 'camera module' : 'V4L2 device'
    const own = modes.length === 0 ? '' : `# ${formatModes(modes)}\n`
    const sizes = sensor === undefined ? own : sensorLines(sensor)
    const tuning = kind === 'libcamera' ? noirTuningFile(name) : undefined
    const noir =
      tuning === undefined
        ? ''
        : `# without infrared filter: tuning-file = ${JSON.stringify(tuning)} (on a Pi 5: pisp)\n`
    return `# ${name} (${type})\n${sizes}${noir}device = ${JSON.stringify(device)}\n`
  })
  const none = cameras.length === 0 ? ['No camera found.\n'] : []
  return [...found, ...none, ...notesOf(list).map((note) => `${note}\n`)].join('\n')
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

/** Camera modules only. @param limitMs of each program that lists them. */
export async function listLibcamera(env: Env, limitMs?: number): Promise<CameraList> {
  const gst = gstEnvironment(env, false)
  const notes: string[] = []
  for (const { file, args, parse } of LISTERS) {
    const { code, stdout, stderr } = await exec(file, [...args], gst, limitMs)
    // Releases differ in which of the two streams carries the list.
    if (code === 0) return { cameras: parse(`${stdout}\n${stderr}`), notes: [] }
    if (code !== undefined) notes.push(`${file} ${args.join(' ')} failed: ${lastLine(stderr)}`)
  }
  // Without libcamera's device provider the monitor would list V4L2 devices only.
  const provider = await exec('gst-inspect-1.0', ['libcameraprovider'], gst, limitMs)
  const monitor =
    provider.code === 0 ? await exec('gst-device-monitor-1.0', ['Video/Source'], gst, limitMs) : provider
  if (monitor.code === 0) return { cameras: parseDeviceMonitor(monitor.stdout), notes: [] }
  return { cameras: [], notes: notes.length > 0 ? notes : [NO_LIBCAMERA_TOOL] }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) || 'no output.'
