import { constants } from 'node:fs'
import { access, readdir } from 'node:fs/promises'
import type { CameraConfig, Config } from '../config.js'
import type { MissingError } from '../errors.js'
import type { Env } from './command.js'
import { chooseEncoder } from './encoder.js'
import { listCameras, type CameraList } from './list.js'
import { isAtLeast, missingTransport, type Machine } from './machine.js'
import { aptInstall } from './packages.js'
import { missingForPictures } from './picture-branch.js'
import { preferredIngestPorts } from './ports.js'
import { sourceElements } from './source.js'

export interface Check {
  ok: 'ok' | 'warning' | 'problem'
  title: string
  detail: string
  /** What to do about it, where there is something to do. */
  mend?: string
}

export type CanBind = (port: number, protocol: 'udp' | 'tcp', host: string) => Promise<boolean>

export interface Subject {
  config: Config
  /** What probeMachine returned, or threw. */
  machine: Machine | MissingError
  env: Env
  /** As in process.versions.node: `20.19.0`. */
  nodeVersion: string
  canBind: CanBind
  /** What listCameras found; it is asked where this is left out. */
  cameras?: CameraList
}

/** Everything the program needs of this machine, in the order in which a picture meets it. */
export async function diagnose(subject: Subject): Promise<Check[]> {
  const { config, machine } = subject
  const software = 'elements' in machine ? checkGStreamer(machine) : [problem('GStreamer', machine.message)]
  const present = subject.cameras ?? (await listCameras(subject.env))
  const perCamera = await Promise.all(
    config.cameras.map(async (camera) => [
      await checkDevice(camera, present),
      ...('elements' in machine ? checkCapture(camera, machine) : []),
    ]),
  )
  return [
    checkNode(subject.nodeVersion),
    ...software,
    ...perCamera.flat(),
    ...(await checkPorts(config, subject.canBind)),
  ]
}

/** One line per check; what to do about it is indented below. */
export function formatChecks(checks: readonly Check[]): string {
  const sign = { ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' }
  return checks
    .map(
      ({ ok, title, detail, mend }) =>
        `${sign[ok]}  ${title}: ${detail}\n${mend === undefined ? '' : `         -> ${mend}\n`}`,
    )
    .join('')
}

const fine = (title: string, detail: string): Check => ({ ok: 'ok', title, detail })
const check = (ok: Check['ok'], title: string, detail: string, mend?: string): Check =>
  mend === undefined ? { ok, title, detail } : { ok, title, detail, mend }
const problem = (title: string, detail: string, mend?: string): Check => check('problem', title, detail, mend)

function checkNode(version: string): Check {
  if (isAtLeast(version, '20.19.0')) return fine('Node', version)
  return problem('Node', `${version} is too old`, 'Install Node 20.19 or later: sudo apt install nodejs')
}

function checkGStreamer(machine: Machine): Check[] {
  const missing = missingTransport(machine)
  const missingPictures = missingForPictures(machine)
  const model = machine.model ?? 'no Raspberry Pi'
  return [
    fine('machine', `${model}, ${machine.cores} core${machine.cores === 1 ? '' : 's'}`),
    fine('GStreamer', machine.gstreamer),
    missing.length === 0
      ? fine('GStreamer plugins', 'what every camera needs is there')
      : problem('GStreamer plugins', `missing: ${missing.join(', ')}`, aptInstall(missing)),
    missingPictures.length === 0
      ? fine('pictures', 'snapshot.jpg and stream.mjpg can be made')
      : check('warning', 'pictures', `missing: ${missingPictures.join(', ')}`, aptInstall(missingPictures)),
    machine.setpriv
      ? fine('setpriv', 'capture processes end with this program')
      : check(
          'warning',
          'setpriv',
          'missing: a capture process could outlive this program',
          'sudo apt install util-linux',
        ),
  ]
}

/** The elements of one camera's pipeline, and the encoder it would use. */
function checkCapture(camera: CameraConfig, machine: Machine): Check[] {
  if (camera.device.kind === 'rtp') return []
  const title = `${camera.key} capture`
  const missing = sourceElements(camera).filter((element) => !machine.elements.has(element))
  const source =
    missing.length === 0 ? [] : [problem(title, `missing: ${missing.join(', ')}`, aptInstall(missing))]
  const encoder = chooseEncoder(camera, machine)
  if ('cause' in encoder) return [...source, problem(`${camera.key} encoder`, encoder.message, encoder.hint)]
  const detail = [`${camera.codec} by ${encoder.element}`, ...encoder.notes].join('. ')
  return [...source, check(encoder.notes.length === 0 ? 'ok' : 'warning', `${camera.key} encoder`, detail)]
}

async function checkDevice(camera: CameraConfig, { cameras, notes }: CameraList): Promise<Check> {
  const { device } = camera
  const title = `${camera.key} device`
  switch (device.kind) {
    case 'test':
      return fine(title, `test picture ${device.pattern}`)
    case 'rtp':
      return fine(title, `sent by another program to 127.0.0.1:${device.port}`)
    case 'v4l2':
      return await checkV4l2(title, device.path)
    case 'libcamera': {
      const names = cameras.filter(({ kind }) => kind === 'libcamera').map((found) => found.device)
      if (names.includes(device.name)) return await checkLibcameraAccess(title, device.name)
      if (notes.length > 0)
        return check('warning', title, `whether ${device.name} exists could not be told`, notes.join(' '))
      if (names.length > 0)
        return problem(title, `no camera is named ${device.name}`, `Set device to ${names.join(' or ')}`)
      const mend =
        'Switch off and check both ends of the ribbon cable; without a camera, run with --test-mode'
      return problem(title, 'libcamera finds no camera', mend)
    }
  }
}

const IN_VIDEO_GROUP = 'Add the user to the group video (sudo usermod -aG video "$USER"), then log in again'

async function checkV4l2(title: string, path: string): Promise<Check> {
  if (!(await may(path, constants.F_OK)))
    return problem(
      title,
      `there is no ${path}`,
      'Plug the camera in; "rpi-webrtc cameras" lists the devices there are',
    )
  if (!(await may(path, constants.R_OK | constants.W_OK)))
    return problem(title, `this user may not open ${path}`, IN_VIDEO_GROUP)
  return fine(title, path)
}

/** libcamera opens media devices and allocates pictures from a DMA heap; either is closed to users outside their group. */
async function checkLibcameraAccess(title: string, name: string): Promise<Check> {
  const media = (await readdir('/dev').catch(() => [])).filter((node) => /^media\d+$/.test(node))
  const heaps = await readdir('/dev/dma_heap').catch(() => [])
  const paths = [...media.map((node) => `/dev/${node}`), ...heaps.map((heap) => `/dev/dma_heap/${heap}`)]
  const readable = await Promise.all(
    paths.map(async (path) => await may(path, constants.R_OK | constants.W_OK)),
  )
  const closed = paths.filter((_, i) => readable[i] === false)
  return closed.length === 0 || closed.length < paths.length
    ? fine(title, name)
    : problem(title, `this user may not open ${closed.join(', ')}`, IN_VIDEO_GROUP)
}

const may = async (path: string, mode: number): Promise<boolean> =>
  await access(path, mode).then(
    () => true,
    () => false,
  )

async function checkPorts(config: Config, canBind: CanBind): Promise<Check[]> {
  const { server, webrtc, cameras } = config
  const own = (port: number, protocol: 'udp' | 'tcp', what: string, host = server.bindIp) => ({
    port,
    protocol,
    what,
    host,
  })
  const wanted = [
    own(server.webPort, 'tcp', 'web-port'),
    own(webrtc.udpPort, 'udp', 'udp-port'),
    ...cameras.map((camera) => own(camera.webrtcPort, 'tcp', `${camera.key} webrtc-port`)),
    ...cameras.flatMap(({ key, webrtcPort, device }) => {
      if (device.kind === 'rtp') return [own(device.port, 'udp', `${key} rtp port`, '127.0.0.1')]
      const ports = Object.values(preferredIngestPorts(webrtcPort)) as number[]
      return ports.map((port) => own(port, 'udp', `${key} inner port`, '127.0.0.1'))
    }),
  ].filter(({ port }) => port !== 0)
  const free = await Promise.all(
    wanted.map(async ({ port, protocol, host }) => await canBind(port, protocol, host)),
  )
  const taken = wanted.filter((_, i) => free[i] === false)
  if (taken.length === 0)
    return [fine('ports', wanted.map(({ port, protocol }) => `${port}/${protocol}`).join(', '))]
  return taken.map(({ port, protocol, what }) =>
    check(
      'warning',
      `port ${port}/${protocol}`,
      `${what} is in use; right if rpi-webrtc is running now, else it cannot start`,
      `sudo ss -${protocol === 'udp' ? 'u' : 't'}lpn sport = :${port} names the program`,
    ),
  )
}
