import type { Machine } from '../camera/gstreamer/machine.js'
import type { Config } from '../config/types.js'
import { WorkQueue } from '../lib/work-queue.js'
import type { LiveConfig } from './live-config.js'

export interface ConfigChange {
  before: Config
  next: Config
  machine: Machine
}

/** A part that does more at a reload than to read the live configuration. */
export interface Reloadable {
  apply(change: ConfigChange): void | Promise<void>
}

export interface ConfigApplier extends AsyncDisposable {
  /** Applies one configuration after the other. @throws ConfigError of `check`; then nothing changes. */
  readonly apply: (next: Config, machine: Machine) => Promise<void>
}

/**
 * @param check applies what a configuration can still be rejected for, before anything else changes.
 * @param parts in the order in which they were built.
 */
export function createConfigApplier(
  live: LiveConfig,
  check: (next: Config) => Promise<void>,
  parts: readonly Reloadable[],
): ConfigApplier {
  let isClosed = false
  const queue = new WorkQueue()
  const applyNow = async (next: Config, machine: Machine): Promise<void> => {
    if (isClosed) return
    await check(next)
    const before = live.replace(next)
    for (const part of parts) await part.apply({ before, next, machine })
  }
  return {
    apply: async (next, machine) => await queue.run(async () => await applyNow(next, machine)),
    async [Symbol.asyncDispose]() {
      isClosed = true
      await queue.settled()
    },
  }
}
