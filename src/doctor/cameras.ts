import type { CameraList } from '../camera/devices/discover.js'
import type { CameraConfig } from '../config/types.js'
import { explainNoCamera } from './camera-cable.js'
import { captor, checkHolders } from './camera-holders.js'
import { checkModuleMode } from './camera-mode.js'
import { checkNode } from './camera-node.js'
import { ok, problem, warning, type Check } from './check.js'
import { deviceLine } from './device-suggestions.js'
import type { Processes } from './processes.js'
import type { System } from './system.js'
import { currentUser, findUser, gidOf } from './users.js'

interface DeviceContext {
  present: CameraList
  model: string | undefined
  system: System
  processes: Processes
  /** A camera that was found and that no table uses. */
  suggestion?: string | undefined
}

/** Whether a camera exists, may be opened, delivers what is configured, and is free. */
export async function checkDevice(camera: CameraConfig, around: DeviceContext): Promise<Check[]> {
  const { device, key } = camera
  const title = `${key} device`
  switch (device.kind) {
    case 'test':
      return [ok('camera-device', title, `test pattern ${device.pattern}`)]
    case 'rtp':
      return [ok('camera-device', title, `sent by another program to 127.0.0.1:${device.port}`)]
    case 'whip':
      return [ok('camera-device', title, `published by another machine to /${key}/whip`)]
    case 'v4l2':
      return await checkV4l2(title, camera, device.path, around)
    case 'libcamera':
      return await checkLibcamera(title, camera, device.name, around)
  }
}

async function checkV4l2(
  title: string,
  camera: CameraConfig,
  path: string,
  { present, system, processes, suggestion }: DeviceContext,
): Promise<Check[]> {
  const access = await system.access(path)
  if (access === 'missing') {
    const hint =
      suggestion === undefined
        ? 'Plug the camera in, or use another USB port; lsusb shows whether the machine detects it'
        : `Write ${deviceLine(suggestion)}, or plug the camera in`
    return [problem('camera-device', title, `${path} does not exist`, hint)]
  }
  if (access === 'closed') return [await notAllowed(title, path, system)]
  const node = (await system.resolve(path)) ?? path
  const checks = checkNode(title, camera, path, node, present, suggestion)
  if (checks.some(({ id }) => id === 'camera-node')) return checks
  return [...checks, ...(await checkHolders(title, await processes.holdersOf([node]), system))]
}

/** libcamera opens media devices and allocates frames from a DMA heap. Both are restricted to a group. */
async function checkLibcamera(
  title: string,
  camera: CameraConfig,
  name: string,
  { present, model, system, processes, suggestion }: DeviceContext,
): Promise<Check[]> {
  const { cameras, notes } = present
  const media = (await system.list('/dev'))
    .filter((node) => /^media\d+$/.test(node))
    .map((node) => `/dev/${node}`)
  const found = cameras.find(({ kind, device }) => kind === 'libcamera' && device === name)
  const holders = await processes.holdersOf(media)
  if (found !== undefined) {
    const heaps = (await system.list('/dev/dma_heap')).map((heap) => `/dev/dma_heap/${heap}`)
    const closed = await closedOf([...media, ...heaps], system)
    if (closed.length > 0 && closed.length === media.length + heaps.length)
      return [await notAllowed(title, closed.join(', '), system)]
    const problems = checkModuleMode(title, camera, found.modes ?? [])
    return [
      ...(problems.length > 0 ? problems : [ok('camera-device', title, name)]),
      ...(await checkHolders(title, holders, system)),
    ]
  }
  const isAnyModule = cameras.some(({ kind }) => kind === 'libcamera')
  if (!isAnyModule) {
    const closed = await closedOf(media, system)
    if (closed.length > 0) return [await notAllowed(title, closed.join(', '), system)]
    // Some pipeline handlers do not list a camera that another process has acquired.
    if (captor(holders) !== undefined) return await checkHolders(title, holders, system)
    if (notes.length > 0)
      return [warning('camera-device', title, `could not check whether ${name} exists`, notes.join(' '))]
  }
  const write = suggestion === undefined ? undefined : `Write ${deviceLine(suggestion)}`
  if (isAnyModule)
    return [
      problem(
        'camera-device',
        title,
        `libcamera has no camera named ${name}`,
        write ?? 'Delete the table: another table uses each camera that was found',
      ),
    ]
  const { detail, hint } = await explainNoCamera(system, model)
  return [problem('camera-cable', title, detail, write === undefined ? hint : `${write}, or: ${hint}`)]
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
