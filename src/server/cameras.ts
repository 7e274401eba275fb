import { startCamera, type CameraEndReason, type CameraPart } from './camera.js'
import { type ServerEnvironment } from './environment.js'
import { createStartQueue } from '../camera/capture/start-queue.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import type { CameraConfig, Config } from '../config/types.js'
import { Scope } from '../lib/scope.js'

/** The cameras that are captured, told in the order of the configuration in force. */
export interface CameraSet extends AsyncDisposable {
  /**
   * @param onStarted what else there has to be of it from the moment at which it is told of.
   * @throws Error when the port on which another program's packets are to come is taken.
   */
  start(camera: CameraConfig, machine: Machine, onStarted?: (part: CameraPart) => void): Promise<void>
  /** Tells of a camera no more and ends its clients, then `meanwhile` what else there is of it, then its capture. */
  end(key: string, why: CameraEndReason, meanwhile: () => Promise<void>): Promise<void>
  get(key: string): CameraPart | undefined
  inOrder(): CameraPart[]
  /** What is told of each, by its key. */
  mapByKey<T>(of: (part: CameraPart, key: string) => T): Record<string, T>
}

/** @param config the one in force, whichever that is by then. */
export function createCameraSet(config: () => Config, surroundings: ServerEnvironment): CameraSet {
  const gate = createStartQueue()
  const parts = new Map<string, CameraPart>()
  const inOrder = (): CameraPart[] => config().cameras.flatMap(({ key }) => parts.get(key) ?? [])
  return {
    async start(camera, machine, onStarted) {
      const settings = { config: camera, machine, sharedBy: config().cameras.length }
      const part = await startCamera(settings, gate, surroundings)
      parts.set(camera.key, part)
      onStarted?.(part)
    },
    async end(key, why, meanwhile) {
      const part = parts.get(key)
      parts.delete(key)
      part?.end(why)
      await meanwhile()
      await part?.[Symbol.asyncDispose]()
    },
    get: (key) => parts.get(key),
    inOrder,
    mapByKey: (of) =>
      Object.fromEntries(inOrder().map((part) => [part.config.key, of(part, part.config.key)])),
    async [Symbol.asyncDispose]() {
      await using all = new Scope()
      for (const part of parts.values()) all.use(part)
    },
  }
}
