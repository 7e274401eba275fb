import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicUs } from '../lib/monotonic-clock.js'
import type { Log } from '../log.js'
import { findStall, progressIntervalMs, type MediaProgress } from './stall-check.js'
import { createNotifier, systemdNotify, type Notifier } from './sd-notify.js'

/** Variables of the service manager's protocol; they are removed from the environment of child processes. */
export const MANAGER_VARIABLES: readonly string[] = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']

export interface ServiceManager {
  /** Reports that the ports are open, then keeps the watchdog and the status line up to date until disposed. */
  ready(facts: ServiceFacts): Disposable
  reloading(): void
  reloaded(): void
  stopping(): void
}

export interface ServiceFacts {
  status(): string
  progress(): Promise<MediaProgress>
}

export interface ManagerOptions {
  env: Readonly<Record<string, string | undefined>>
  pid: number
  log: Log
  statusIntervalMs?: number
  notifier?: Notifier
}

const STATUS_INTERVAL_MS = 2000

/** @returns undefined without a service manager, as on a terminal or in a container. */
export function serviceManager(options: ManagerOptions): ServiceManager | undefined {
  const { env, log, statusIntervalMs = STATUS_INTERVAL_MS } = options
  const socket = env['NOTIFY_SOCKET']
  if (socket === undefined || socket === '') return undefined
  const { send } = options.notifier ?? systemdNotifier(socket, env['PATH'], log)
  const watchdogMs = watchdogIntervalMs(options)

  return {
    ready(facts) {
      let lastReported = facts.status()
      send({ READY: '1', STATUS: lastReported, ...(watchdogMs !== undefined && { WATCHDOG: '1' }) })
      const statusTimer = setInterval(() => {
        const status = facts.status()
        if (status === lastReported) return
        lastReported = status
        send({ STATUS: status })
      }, statusIntervalMs)
      const closing = new AbortController()
      if (watchdogMs !== undefined)
        void notifyWatchdog(watchdogMs, facts, () => send({ WATCHDOG: '1' }), log, closing.signal)
      return {
        [Symbol.dispose]() {
          clearInterval(statusTimer)
          closing.abort()
        },
      }
    },
    reloading: () => send({ RELOADING: '1', MONOTONIC_USEC: String(monotonicUs()) }),
    reloaded: () => send({ READY: '1' }),
    stopping: () => send({ STOPPING: '1' }),
  }
}

const systemdNotifier = (socket: string, path: string | undefined, log: Log): Notifier => {
  let isLogged = false
  return createNotifier(
    systemdNotify(socket, path, (error) => {
      if (!isLogged) log.warn('cannot notify systemd', { error })
      isLogged = true
    }),
  )
}

/** A third of the timeout, so that one notification may be lost or late; sd_watchdog_enabled(3). */
function watchdogIntervalMs({ env, pid }: ManagerOptions): number | undefined {
  const usec = Number(env['WATCHDOG_USEC'])
  const watchedPid = env['WATCHDOG_PID']
  if (!(usec > 0) || (watchedPid !== undefined && Number(watchedPid) !== pid)) return undefined
  return usec / 1000 / 3
}

/** Notifies the watchdog while the event loop turns and packets move. Logs each stall once. */
async function notifyWatchdog(
  intervalMs: number,
  facts: ServiceFacts,
  notify: () => void,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  let before = await facts.progress()
  let sampledAtMs = performance.now()
  let logged: string | undefined
  const wait = async (): Promise<boolean> => await sleep(intervalMs, true, { signal }).catch(() => false)
  while (await wait()) {
    if (performance.now() - sampledAtMs >= progressIntervalMs(before)) {
      const now = await facts.progress()
      const stall = findStall(before, now)
      if (stall !== undefined && stall !== logged)
        log.error(`media has stalled, no longer notifying the watchdog: ${stall}`)
      if (stall === undefined && logged !== undefined)
        log.info('media flows again, notifying the watchdog again')
      logged = stall
      before = now
      sampledAtMs = performance.now()
    }
    if (logged === undefined) notify()
  }
}
