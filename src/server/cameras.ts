import { isDeepStrictEqual } from 'node:util'
import { createStartQueue } from '../camera/capture/start-queue.js'
import { DeviceClaims } from '../camera/devices/device-claims.js'
import { listLibcamera } from '../camera/devices/discover.js'
import { ModuleNames } from '../camera/devices/module-names.js'
import { realNodeFacts } from '../camera/devices/node-facts.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import { diffConfig } from '../config/diff.js'
import type { CameraConfig, Config } from '../config/types.js'
import { messageOf } from '../lib/error-message.js'
import { Scope } from '../lib/scope.js'
import type { Log } from '../log.js'
import type { UdpBatches } from '../udp/udp-batches.js'
import type { Reloadable } from './apply-config.js'
import { waitsForDevice, type DeviceLookup } from './camera-device.js'
import { LIST_LIMIT_MS, startCamera } from './camera.js'
import type { CameraEndReason, CameraPart } from './camera-part.js'
import type { ServerEnvironment } from './environment.js'
import { createMicrophones } from './microphones.js'

/** Follows the cameras that there are. */
export interface CameraObserver {
  onStarted(part: CameraPart): void
  /** The camera's clients were notified; its capture ends afterwards. */
  onEnding(key: string, reason: CameraEndReason): Promise<void>
}

/** The running cameras, in the order of the configuration in force. */
export interface Cameras extends AsyncDisposable, Reloadable {
  /** `observer` also gets the cameras that run already. */
  observe(observer: CameraObserver): void
  get(key: string): CameraPart | undefined
  inOrder(): CameraPart[]
  mapByKey<T>(of: (part: CameraPart, key: string) => T): Record<string, T>
}

/**
 * Starts every camera.
 * @param config the configuration in force.
 * @throws Error when the port of an rtp:// camera is taken.
 */
export async function startCameras(
  config: Config,
  environment: ServerEnvironment,
  batches: UdpBatches,
  log: Log,
): Promise<Cameras> {
  await using scope = new Scope()
  const queue = createStartQueue()
  const lookup: DeviceLookup = {
    names: new ModuleNames({ list: async () => await listLibcamera(environment.env, LIST_LIMIT_MS) }),
    claims: new DeviceClaims(),
    nodes: realNodeFacts(environment.env),
  }
  const microphones = createMicrophones(() => config.cameras)
  const parts = new Map<string, CameraPart>()
  const observers: CameraObserver[] = []
  scope.use({
    [Symbol.asyncDispose]: async () => {
      await using all = new Scope()
      for (const part of parts.values()) all.use(part)
    },
  })

  const start = async (camera: CameraConfig, machine: Machine): Promise<void> => {
    const settings = { config: camera, machine, sharedBy: config.cameras.length }
    const part = await startCamera(settings, queue, lookup, microphones, batches, environment)
    parts.set(camera.key, part)
    for (const observer of observers) observer.onStarted(part)
  }

  const end = async (key: string, reason: CameraEndReason): Promise<void> => {
    const part = parts.get(key)
    parts.delete(key)
    part?.end(reason)
    for (const observer of observers) await observer.onEnding(key, reason)
    await part?.[Symbol.asyncDispose]()
  }

  const inOrder = (): CameraPart[] => config.cameras.flatMap(({ key }) => parts.get(key) ?? [])

  for (const camera of config.cameras) await start(camera, environment.machine)
  const running = scope.move()
  return {
    observe(observer) {
      observers.push(observer)
      for (const part of inOrder()) observer.onStarted(part)
    },
    get: (key) => parts.get(key),
    inOrder,
    mapByKey: (of) =>
      Object.fromEntries(inOrder().map((part) => [part.config.key, of(part, part.config.key)])),
    async apply({ before, next, machine }) {
      // Compared with the cameras that run, so a camera that could not be started is tried again.
      const cameras = Array.from(parts.values(), (part) => comparable(part, next))
      const { removed, replaced, restarted, added } = diffConfig({ ...before, cameras }, next)
      for (const key of removed) await end(key, 'camera-removed')
      for (const { key } of replaced) await end(key, 'camera-changed')
      for (const camera of next.cameras) {
        const settings = { config: camera, machine, sharedBy: next.cameras.length }
        parts.get(camera.key)?.apply(settings, restarted.includes(camera.key))
      }
      for (const camera of [...replaced, ...added])
        await start(camera, machine).catch((error: unknown) => log.error(messageOf(error)))
      // Their device may be free now.
      for (const { camera } of parts.values()) if (waitsForDevice(camera.status())) camera.restart()
    },
    [Symbol.asyncDispose]: async () => await running[Symbol.asyncDispose](),
  }
}

/**
 * A camera as it runs, to be compared with the next configuration. Unsaved controls stay while the file has the controls that it had;
 * a file that has the controls in force, because they were saved, changes nothing.
 */
function comparable({ config, controls }: CameraPart, next: Config): CameraConfig {
  const after = next.cameras.find(({ key }) => key === config.key)
  return after === undefined || isDeepStrictEqual(after.controls, config.controls)
    ? config
    : { ...config, controls: controls.inForce }
}
