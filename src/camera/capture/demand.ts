import type { Racer } from '../../lib/race.js'

/** Whether a camera should capture. */
export interface Demand {
  /** Adds a watcher until disposed. */
  watch(): Disposable
  /** Whether there is a watcher, or was one less than the close-after time ago. */
  readonly isWanted: boolean
  /** Resolves when there is a watcher. */
  readonly wanted: Racer<void>
  /** Resolves when there has been no watcher for the close-after time. */
  readonly unwanted: Racer<void>
}

/** A demand whose close-after time can be changed while it is in use. */
export interface AdjustableDemand extends Demand {
  keepFor(closeAfterMs: number): void
}

/** @param closeAfterMs covers page reloads, which reconnect soon. Infinity: the camera is always wanted. */
export function createDemand(closeAfterMs: number): AdjustableDemand {
  const listeners = new Set<() => void>()
  let watchers = 0
  let leftAtMs = -Infinity

  const notify = (): void => {
    for (const listener of [...listeners]) listener()
  }
  const count = (by: 1 | -1): void => {
    watchers += by
    if (watchers === 0) leftAtMs = performance.now()
    notify()
  }
  const keptOnMs = (): number =>
    closeAfterMs === Infinity ? Infinity : leftAtMs + closeAfterMs - performance.now()

  /** Runs `check` now and after every change, until it resolves or the signal aborts. */
  const racer =
    (check: (resolve: () => void) => Disposable | undefined): Racer<void> =>
    async (signal) =>
      await new Promise((resolve) => {
        let pending: Disposable | undefined
        const recheck = (): void => {
          pending?.[Symbol.dispose]()
          pending = check(resolve)
        }
        listeners.add(recheck)
        signal.addEventListener('abort', () => {
          listeners.delete(recheck)
          pending?.[Symbol.dispose]()
        })
        recheck()
      })

  return {
    watch() {
      let left = false
      count(1)
      return {
        [Symbol.dispose]() {
          if (!left) count(-1)
          left = true
        },
      }
    },
    get isWanted() {
      return watchers > 0 || keptOnMs() > 0
    },
    wanted: racer((resolve) => {
      if (watchers > 0 || closeAfterMs === Infinity) resolve()
      return undefined
    }),
    keepFor(ms) {
      closeAfterMs = ms
      notify()
    },
    unwanted: racer((resolve) => {
      if (watchers > 0 || closeAfterMs === Infinity) return undefined
      const timer = setTimeout(resolve, Math.max(0, keptOnMs()))
      return { [Symbol.dispose]: () => clearTimeout(timer) }
    }),
  }
}

export const alwaysWanted: Demand = createDemand(Infinity)
