import type { ParsedConfig } from '../config/parse.js'
import type { Config } from '../config/types.js'
import { NO_FILE } from '../config/source.js'
import { diffConfig } from '../config/diff.js'
import { ConfigError, MissingError, textOf } from '../errors.js'
import { ExhaustedError } from '../lib/exhausted.js'
import type { WorkQueue } from '../lib/work-queue.js'
import type { Log } from '../log.js'

/** A configuration and its file, or NO_FILE. */
export interface Loaded extends ParsedConfig {
  source: string
  /** Tables of the cameras that are served although the file names none. */
  foundTables?: string | undefined
}

export interface ReloadSteps<Machine> {
  /** @throws ConfigError */
  load(): Promise<Loaded>
  /** @throws MissingError if a required program or plugin is not installed. */
  probe(config: Config): Promise<Machine>
  /** @throws ConfigError */
  apply(config: Config, machine: Machine): Promise<void>
  /** The configuration in force, if more than reloads changes it. */
  inForce?(): Config
  /** Shared with everything else that reads the file to change something. */
  queue: WorkQueue
  onBegin(): void
  onEnd(): void
}

export interface Reloader {
  readonly inForce: Config
  /** Requests during a reload are coalesced into one more. Never rejects. */
  request(): Promise<void>
  /** For a caller that runs in the queue, after it wrote the file. @throws what the file is rejected for. */
  reloadNow: () => Promise<void>
}

/** An invalid configuration is logged with all its problems, and the current one stays in effect. */
export function createReloader<Machine>(first: Loaded, steps: ReloadSteps<Machine>, log: Log): Reloader {
  let { config, source } = first
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  const reload = async (): Promise<void> => {
    const loaded = await steps.load()
    if (loaded.source === NO_FILE && source !== loaded.source)
      throw new ConfigError(['the file no longer exists'], source)
    const { keys, ...cameras } = diffConfig(steps.inForce?.() ?? config, loaded.config)
    const machine = await steps.probe(loaded.config)
    await steps.apply(loaded.config, machine)
    ;({ config, source } = loaded)
    if (keys.length === 0) return log.info('the configuration has not changed', { config: source })
    log.info(`the configuration changed: ${keys.join(', ')}`, {
      config: source,
      ...named('added', cameras.added.map(keyOf)),
      ...named('removed', cameras.removed),
      ...named('replaced', cameras.replaced.map(keyOf)),
      ...named('restarted', cameras.restarted),
    })
  }

  const run = async (): Promise<void> => {
    steps.onBegin()
    try {
      await steps.queue.run(reload)
    } catch (error) {
      const isExpected =
        error instanceof ConfigError || error instanceof MissingError || error instanceof ExhaustedError
      const text = isExpected || !(error instanceof Error) ? String(error) : (error.stack ?? error.message)
      log.error('the new configuration is rejected; the current one stays in effect')
      for (const line of (isExpected ? textOf(error) : text).split('\n')) log.error(line)
    } finally {
      steps.onEnd()
    }
  }

  const request = async (): Promise<void> => {
    if (running === undefined) {
      running = run().finally(() => (running = undefined))
      return await running
    }
    next ??= running.then(async () => {
      next = undefined
      await request()
    })
    await next
  }

  return {
    get inForce() {
      return config
    },
    request,
    reloadNow: async () => {
      steps.onBegin()
      try {
        await reload()
      } finally {
        steps.onEnd()
      }
    },
  }
}

const keyOf = ({ key }: { key: string }): string => key

const named = (what: string, cameras: string[]): Record<string, string[]> =>
  cameras.length === 0 ? {} : { [what]: cameras }
