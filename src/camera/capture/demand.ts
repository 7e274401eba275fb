import type { Racer } from '../../lib/race.js'

/** Who wants a camera to capture. */
export interface Demand {
  /** Somebody watches until this is disposed. */
  watch(): Disposable
  /** Whether somebody watches, or did a moment ago. */
  readonly isWanted: boolean
  /** Happens when somebody watches. */
  readonly wanted: Racer<void>
  /** Happens when nobody has watched for the time the camera is kept on. */
  readonly unwanted: Racer<void>
}

/** A demand of which the time can be changed while cameras and watchers rest on it. */
export interface AdjustableDemand extends Demand {
  keepFor(closeAfterMs: number): void
}

/**
 * @param closeAfterMs how long after the last watcher left a camera is still wanted: a page that is reloaded is back soon.
 * Infinity: it is wanted whether somebody watches or not.
 */
export function createDemand(closeAfterMs: number): AdjustableDemand {
  const changed = new Set<() => void>()
  let watchers = 0
  let leftAtMs = -Infinity

  const count = (by: 1 | -1): void => {
    watchers += by
    if (watchers === 0) leftAtMs = performance.now()
    for (const look of [...changed]) look()
  }
  const keptOnMs = (): number =>
    closeAfterMs === Infinity ? Infinity : leftAtMs + closeAfterMs - performance.now()

  const racer =
    (look: (happen: () => void) => Disposable | undefined): Racer<void> =>
    async (over) =>
      await new Promise((resolve) => {
        let pending: Disposable | undefined
        const again = (): void => {
          pending?.[Symbol.dispose]()
          pending = look(resolve)
        }
        changed.add(again)
        over.addEventListener('abort', () => {
          changed.delete(again)
          pending?.[Symbol.dispose]()
        })
        again()
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
    wanted: racer((happen) => {
      if (watchers > 0 || closeAfterMs === Infinity) happen()
      return undefined
    }),
    keepFor(ms) {
      closeAfterMs = ms
      for (const look of [...changed]) look()
    },
    unwanted: racer((happen) => {
      if (watchers > 0 || closeAfterMs === Infinity) return undefined
      const timer = setTimeout(happen, Math.max(0, keptOnMs()))
      return { [Symbol.dispose]: () => clearTimeout(timer) }
    }),
  }
}

/** Of a camera that captures whether somebody watches or not. */
export const alwaysWanted: Demand = createDemand(Infinity)
