import type { CameraList } from '../camera/devices/discover.js'
import type { CameraConfig } from '../config/types.js'
import { explainNoCamera } from './camera-cable.js'
import { ok, problem, warning, type Check } from './check.js'
import { shownHolder, type Holder, type Processes } from './processes.js'
import type { System } from './system.js'
import { currentUser, findUser, gidOf } from './users.js'

/** Whether a camera exists, may be opened, and is free. */
export async function checkDevice(
  camera: CameraConfig,
  {
    present,
    model,
    system,
    processes,
  }: {
    present: CameraList
    model: string | undefined
    system: System
    processes: Processes
  },
): Promise<Check[]> {
  const { device, key } = camera
  const title = `${key} device`
  switch (device.kind) {
    case 'test':
      return [ok('camera-device', title, `test pattern ${device.pattern}`)]
    case 'rtp':
      return [ok('camera-device', title, `sent by another program to 127.0.0.1:${device.port}`)]
    case 'v4l2':
      return await checkV4l2(title, device.path, present, system, processes)
    case 'libcamera':
      return await checkLibcamera(title, device.name, { present, model, system, processes })
  }
}

async function checkV4l2(
  title: string,
  path: string,
  { cameras }: CameraList,
  system: System,
  processes: Processes,
): Promise<Check[]> {
  const access = await system.access(path)
  if (access === 'missing') {
    const others = cameras.filter(({ kind }) => kind === 'v4l2').map(({ device }) => device)
    const hint =
      others.length === 0
        ? 'Plug the camera in, or use another USB port; lsusb shows whether the machine detects it'
        : `Set device to ${others.join(' or ')}, or plug the camera in`
    return [problem('camera-device', title, `${path} does not exist`, hint)]
  }
  if (access === 'closed') return [await notAllowed(title, path, system)]
  const node = (await system.resolve(path)) ?? path
  return [ok('camera-device', title, path), ...busy(title, await processes.holdersOf([node]))]
}

/** libcamera opens media devices and allocates frames from a DMA heap. Both are restricted to a group. */
async function checkLibcamera(
  title: string,
  name: string,
  { present, model, system, processes }: Parameters<typeof checkDevice>[1],
): Promise<Check[]> {
  const { cameras, notes } = present
  const names = cameras.filter(({ kind }) => kind === 'libcamera').map(({ device }) => device)
  const media = (await system.list('/dev'))
    .filter((node) => /^media\d+$/.test(node))
    .map((node) => `/dev/${node}`)
  if (names.includes(name)) {
    const heaps = (await system.list('/dev/dma_heap')).map((heap) => `/dev/dma_heap/${heap}`)
    const closed = await closedOf([...media, ...heaps], system)
    if (closed.length > 0 && closed.length === media.length + heaps.length)
      return [await notAllowed(title, closed.join(', '), system)]
    return [ok('camera-device', title, name), ...busy(title, await processes.holdersOf(media))]
  }
  if (names.length > 0)
    return [
      problem(
        'camera-device',
        title,
        `libcamera has no camera named ${name}`,
        `Set device to ${names.join(' or ')}`,
      ),
    ]
  if (notes.length > 0)
    return [warning('camera-device', title, `could not check whether ${name} exists`, notes.join(' '))]
  const closed = await closedOf(media, system)
  if (closed.length > 0) return [await notAllowed(title, closed.join(', '), system)]
  const { detail, hint } = await explainNoCamera(system, model)
  return [problem('camera-cable', title, detail, hint)]
}

async function closedOf(paths: readonly string[], system: System): Promise<string[]> {
  const access = await Promise.all(paths.map(async (path) => await system.access(path)))
  return paths.filter((_, i) => access[i] === 'closed')
}

/** Groups change at the next login only, so "usermod" may seem to have had no effect. */
async function notAllowed(title: string, path: string, system: System): Promise<Check> {
  const user = await currentUser(system)
  const video = await gidOf(system, 'video')
  const configured = await findUser(system, user.name)
  const detail = `the user ${user.name} may not open ${path}`
  const isMember = video !== undefined && configured?.gids.includes(video) === true
  const hint =
    isMember && !user.gids.includes(video)
      ? `${user.name} joined the group video after this login: log out and in again, or restart`
      : `sudo usermod -aG video ${user.name}, then log out and in again`
  return problem('camera-access', title, detail, hint)
}

/** They open cameras to list them, and do not capture. */
const BYSTANDERS = /^(?:pipewire|wireplumber|pipewire-media-session|xdg-desktop-portal)/

/** A camera that is in use can be opened, but not started. */
function busy(title: string, holders: readonly Holder[]): Check[] {
  const ours = holders.find(({ isOurs }) => isOurs)
  if (ours !== undefined) return [ok('camera-busy', title, 'in use by the running rpi-webrtc')]
  const other = holders.find(({ name }) => !BYSTANDERS.test(name))
  if (other !== undefined)
    return [
      problem(
        'camera-busy',
        title,
        `in use by ${shownHolder(other)}`,
        `Stop it: sudo systemctl stop ${other.name}, or kill ${other.pid}`,
      ),
    ]
  return holders
    .slice(0, 1)
    .map((holder) =>
      warning(
        'camera-busy',
        title,
        `opened by ${shownHolder(holder)}, which seldom captures`,
        `If the camera does not start: systemctl --user stop ${holder.name}`,
      ),
    )
}
