import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicUs } from '../lib/monotonic-clock.js'
import type { Log } from '../log.js'
import { findStall, type MediaProgress } from './stall-check.js'
import { createNotifier, systemdNotify, type Notifier } from './sd-notify.js'

/** What a service manager asks of its services by the environment, and nobody else's concern: no child gets it. */
export const MANAGER_VARIABLES: readonly string[] = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']

/** The manager that started this program; without one, nothing of this does anything. */
export interface ServiceManager {
  /** The ports are open. From now on the watchdog is fed and the status is told. */
  ready(facts: ServiceFacts): Disposable
  reloading(): void
  reloaded(): void
  stopping(): void
}

export interface ServiceFacts {
  /** One line for people. */
  status(): string
  progress(): Promise<MediaProgress>
}

export interface ManagerOptions {
  env: Readonly<Record<string, string | undefined>>
  pid: number
  log: Log
  /** The newest of a burst of changes is told. */
  statusIntervalMs?: number
  notifier?: Notifier
}

const STATUS_INTERVAL_MS = 2000
/** A supervisor calls a camera lost after 2 s without a packet, or 5 frames of one picture a second. */
const PROGRESS_INTERVAL_MS = 6000

/** @returns undefined where no service manager waits for word, as on a terminal or in a container. */
export function serviceManager(options: ManagerOptions): ServiceManager | undefined {
  const { env, log, statusIntervalMs = STATUS_INTERVAL_MS } = options
  const socket = env['NOTIFY_SOCKET']
  if (socket === undefined || socket === '') return undefined
  const { send: tell } = options.notifier ?? notifierOf(socket, env['PATH'], log)
  const feedEveryMs = feedIntervalOf(options)

  return {
    ready(facts) {
      let told = facts.status()
      tell({ READY: '1', STATUS: told, ...(feedEveryMs !== undefined && { WATCHDOG: '1' }) })
      const statusTimer = setInterval(() => {
        const status = facts.status()
        if (status === told) return
        told = status
        tell({ STATUS: status })
      }, statusIntervalMs)
      const over = new AbortController()
      if (feedEveryMs !== undefined)
        void notifyWatchdog(feedEveryMs, facts, () => tell({ WATCHDOG: '1' }), log, over.signal)
      return {
        [Symbol.dispose]() {
          clearInterval(statusTimer)
          over.abort()
        },
      }
    },
    reloading: () => tell({ RELOADING: '1', MONOTONIC_USEC: String(monotonicUs()) }),
    reloaded: () => tell({ READY: '1' }),
    stopping: () => tell({ STOPPING: '1' }),
  }
}

const notifierOf = (socket: string, path: string | undefined, log: Log): Notifier => {
  let isSaid = false
  return createNotifier(
    systemdNotify(socket, path, (error) => {
      if (!isSaid) log.warn('systemd cannot be told how this program does', { error })
      isSaid = true
    }),
  )
}

/** A third of what is allowed: one feed may be lost or late. sd_watchdog_enabled(3). */
function feedIntervalOf({ env, pid }: ManagerOptions): number | undefined {
  const usec = Number(env['WATCHDOG_USEC'])
  const meant = env['WATCHDOG_PID']
  if (!(usec > 0) || (meant !== undefined && Number(meant) !== pid)) return undefined
  return usec / 1000 / 3
}

/** Feeds while this loop turns and packets move; what stands still is said once. */
async function notifyWatchdog(
  everyMs: number,
  facts: ServiceFacts,
  fed: () => void,
  log: Log,
  over: AbortSignal,
): Promise<void> {
  let before = await facts.progress()
  let lookedAtMs = performance.now()
  let trouble: string | undefined
  const wait = async (): Promise<boolean> => await sleep(everyMs, true, { signal: over }).catch(() => false)
  while (await wait()) {
    if (performance.now() - lookedAtMs >= PROGRESS_INTERVAL_MS) {
      const now = await facts.progress()
      const found = findStall(before, now)
      if (found !== undefined && found !== trouble)
        log.error(`packets stand still, the watchdog is not fed: ${found}`)
      if (found === undefined && trouble !== undefined) log.info('packets move again, the watchdog is fed')
      trouble = found
      before = now
      lookedAtMs = performance.now()
    }
    if (trouble === undefined) fed()
  }
}
