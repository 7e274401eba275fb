import { readdir, readFile } from 'node:fs/promises'
import { gstEnvironment } from '../gstreamer/environment.js'
import { type Env } from '../../lib/env.js'
import { withStablePaths } from './stable-path.js'
import { formatModes, parseRpicamModes, parseV4l2Modes, type VideoMode } from './video-modes.js'
import { exec } from '../../lib/exec.js'

export interface FoundCamera {
  kind: 'libcamera' | 'v4l2'
  /** What to write as `device`. */
  device: string
  /** The sensor's or the device's own name. */
  name: string
  /** What it delivers by itself, where that could be asked. */
  modes?: VideoMode[]
}

export interface CameraList {
  cameras: FoundCamera[]
  /** Whole sentences: what could not be searched for, and how to fix that. */
  notes: string[]
}

/** The cameras of this machine: camera modules as libcamera names them, then USB and other V4L2 capture devices. */
export async function discoverCameras(env: Env): Promise<CameraList> {
  const [modules, nodes] = await Promise.all([listLibcamera(env), listV4l2()])
  const devices = await Promise.all(
    nodes.map(async (node) => {
      const { code, stdout } = await exec('v4l2-ctl', ['-d', node.device, '--list-formats-ext'], env, 5000)
      return code === 0 ? { ...node, modes: parseV4l2Modes(stdout) } : node
    }),
  )
  return { cameras: [...modules.cameras, ...(await withStablePaths(devices))], notes: modules.notes }
}

/** One line per camera to paste into config.toml, under a comment that says which it is. */
export function formatCameras({ cameras, notes }: CameraList): string {
  const found = cameras.map(({ kind, device, name, modes = [] }) => {
    const what = kind === 'libcamera' ? 'camera module' : 'V4L2 device'
    const sizes = modes.length === 0 ? '' : `# ${formatModes(modes)}\n`
    return `# ${name} (${what})\n${sizes}device = ${JSON.stringify(device)}\n`
  })
  const none = cameras.length === 0 ? ['No camera found.\n'] : []
  return [...found, ...none, ...notes.map((note) => `${note}\n`)].join('\n')
}

const NO_LIBCAMERA_TOOL =
  'Camera modules could not be looked for: no program here can list them. ' +
  'Install one with: sudo apt install libcamera-tools (on Raspberry Pi OS also rpicam-apps-lite).'

/** In the order of what they cost to ask; the first that is installed and knows libcamera answers. */
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
    // Which of the two streams carries the list has changed between releases.
    if (code === 0) return { cameras: parse(`${stdout}\n${stderr}`), notes: [] }
    if (code !== undefined) notes.push(`${file} ${args.join(' ')} failed: ${lastLine(stderr)}`)
  }
  // Without libcamera's device provider the monitor would list only V4L2 devices, and that is no answer.
  const provider = await exec('gst-inspect-1.0', ['libcameraprovider'], gst)
  const monitor = provider.code === 0 ? await exec('gst-device-monitor-1.0', ['Video/Source'], gst) : provider
  if (monitor.code === 0) return { cameras: parseDeviceMonitor(monitor.stdout), notes: [] }
  return { cameras: [], notes: notes.length > 0 ? notes : [NO_LIBCAMERA_TOOL] }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) || 'it said nothing.'

/** `cam -l`: `1: 'imx219' (/base/soc/i2c0mux/i2c@1/imx219@10)`. */
export function parseCam(text: string): FoundCamera[] {
  const found = Array.from(text.matchAll(/^\d+: (.*?)\s*\(([^()\n]+)\)$/gm), ([, label, device]) =>
    libcamera(device!, label!.replaceAll("'", '')),
  )
  return found.filter(isModule)
}

/** `rpicam-hello --list-cameras`: `0 : imx219 [3280x2464 10-bit RGGB] (/base/...)`, then its modes. */
export function parseRpicam(text: string): FoundCamera[] {
  const found = Array.from(
    text.matchAll(/^\d+ : (\S+).*?\(([^()\n]+)\)$((?:\n[ \t].*)*)/gm),
    ([, label, device, below]) => {
      const modes = parseRpicamModes(below!)
      return { ...libcamera(device!, label!), ...(modes.length === 0 ? {} : { modes }) }
    },
  )
  return found.filter(isModule)
}

/** `gst-device-monitor-1.0`: the last line of each device is a command, with `libcamerasrc camera-name=...`. */
export function parseDeviceMonitor(text: string): FoundCamera[] {
  const found = Array.from(
    text.matchAll(/libcamerasrc camera-name=("(?:[^"\\]|\\.)*"|\S+)/g),
    ([, written]) => {
      const device = written!.replaceAll(/^"|"$/g, '').replaceAll(/\\(.)/g, '$1')
      return libcamera(device, /([^/@]+)(?:@[^/]*)?$/.exec(device)?.[1] ?? device)
    },
  )
  return found.filter(isModule)
}

const libcamera = (device: string, name: string): FoundCamera => ({
  kind: 'libcamera',
  device,
  name: name || device,
})

/** libcamera also names USB cameras (their names end in vendor:product), but cannot convert their pictures. */
const isModule = ({ device }: FoundCamera): boolean => !/-[0-9a-f]{4}:[0-9a-f]{4}$/i.test(device)

/** @param root where the kernel describes its V4L2 devices. */
export async function listV4l2(root = '/sys/class/video4linux'): Promise<FoundCamera[]> {
  const nodes = (await readdir(root).catch(() => [])).filter((node) => /^video\d+$/.test(node))
  const read = async (path: string): Promise<string> =>
    (await readFile(`${root}/${path}`, 'utf8').catch(() => '')).trim()
  const found = await Promise.all(
    nodes.map(async (node) => ({
      node,
      name: await read(`${node}/name`),
      index: await read(`${node}/index`),
    })),
  )
  return found
    .filter(({ name, index }) => isCaptureDevice(name, index))
    .sort((a, b) => nodeNumber(a.node) - nodeNumber(b.node))
    .map(({ node, name }) => ({ kind: 'v4l2', device: `/dev/${node}`, name: name || node }))
}

/**
 * Whether a node delivers pictures, told by its name and index alone. A Raspberry Pi's codecs, image processors and raw
 * sensor nodes do not; nor does a USB camera's second node, which carries metadata.
 */
export const isCaptureDevice = (name: string, index: string): boolean =>
  (index === '0' || index === '') &&
  !/^(?:bcm2835-(?:codec|isp)|unicam|rp1-cfe|pispbe|rpi-?hevc|rpivid|hevc_?d)|-(?:enc|dec)\b|stateful-|stateless-/i.test(
    name,
  )

const nodeNumber = (node: string): number => Number(node.slice('video'.length))
