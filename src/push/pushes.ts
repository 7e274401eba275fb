import { isDeepStrictEqual } from 'node:util'
import type { PushConfig } from '../config/push.js'
import type { Log } from '../log.js'
import type { PushView } from './push-view.js'
import { Pusher, type PusherTools } from './pusher.js'
import type { PushedCamera } from './session.js'

/** The pushes of all cameras. */
export class Pushes implements AsyncDisposable {
  readonly #byCamera = new Map<string, { camera: PushedCamera; pushers: Pusher[] }>()
  readonly #tools: Omit<PusherTools, 'log'>
  readonly #logOf: (camera: string) => Log

  constructor(logOf: (camera: string) => Log, tools: Omit<PusherTools, 'log'> = {}) {
    this.#logOf = logOf
    this.#tools = tools
  }

  open(camera: PushedCamera, configs: readonly PushConfig[]): void {
    const pushers = configs.map((config) => this.#start(config, camera))
    this.#byCamera.set(camera.key, { camera, pushers })
  }

  /** Starts, ends and replaces pushes of a camera that runs on; unchanged ones notice nothing. */
  async change(key: string, configs: readonly PushConfig[]): Promise<void> {
    const known = this.#byCamera.get(key)
    if (known === undefined) return
    const kept = known.pushers.filter(({ config }) =>
      configs.some((other) => isDeepStrictEqual(other, config)),
    )
    const ended = known.pushers.filter((pusher) => !kept.includes(pusher))
    known.pushers = kept
    // A server may have one publisher for each stream, so the old session ends first.
    await endAll(ended)
    if (this.#byCamera.get(key) !== known) return
    known.pushers = configs.map(
      (config) =>
        kept.find((pusher) => isDeepStrictEqual(pusher.config, config)) ?? this.#start(config, known.camera),
    )
  }

  #start(config: PushConfig, camera: PushedCamera): Pusher {
    return new Pusher(config, camera, { ...this.#tools, log: this.#logOf(camera.key) })
  }

  async close(key: string): Promise<void> {
    const known = this.#byCamera.get(key)
    this.#byCamera.delete(key)
    await endAll(known?.pushers ?? [])
  }

  /** All of them begin another session. */
  renew(): void {
    for (const { pushers } of this.#byCamera.values()) for (const pusher of pushers) pusher.renew()
  }

  /** In the order of the configuration. */
  views(key: string): PushView[] {
    return (this.#byCamera.get(key)?.pushers ?? []).map(({ view }) => view)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#byCamera.keys(), async (key) => await this.close(key)))
  }
}

async function endAll(pushers: readonly Pusher[]): Promise<void> {
  await Promise.all(pushers.map(async (pusher) => await pusher[Symbol.asyncDispose]()))
}
