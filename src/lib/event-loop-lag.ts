import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How often the loop is looked at: finer costs wake-ups, coarser misses short hold-ups. */
const RESOLUTION_MS = 100
const WINDOW_MS = 60_000

/** By how much the event loop was late, in milliseconds; of the last one to two minutes. */
export interface EventLoopLag {
  medianMs: number
  p99Ms: number
  maxMs: number
}

/** Watches until it is disposed. A loop that is late sends pictures late: to every viewer of every camera. */
export function watchEventLoop(windowMs = WINDOW_MS): Disposable & { lag(): EventLoopLag } {
  const windows = [
    monitorEventLoopDelay({ resolution: RESOLUTION_MS }),
    monitorEventLoopDelay({ resolution: RESOLUTION_MS }),
  ]
  for (const each of windows) each.enable()
  // The older one is told and then begins anew: what is told is never of less than one window, but for the first.
  const turn = setInterval(() => {
    windows.reverse()
    windows[1]!.reset()
  }, windowMs).unref()
  return {
    lag: () => {
      const [told] = windows
      // What is recorded is the time between two looks.
      const late = (ns: number): number => (told!.count === 0 ? 0 : Math.max(0, ns / 1e6 - RESOLUTION_MS))
      return {
        medianMs: late(told!.percentile(50)),
        p99Ms: late(told!.percentile(99)),
        maxMs: late(told!.max),
      }
    },
    [Symbol.dispose]: () => {
      clearInterval(turn)
      for (const each of windows) each.disable()
    },
  }
}
