import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Finer costs wake-ups, coarser misses short delays. */
const RESOLUTION_MS = 100
const WINDOW_MS = 60_000

/** Delay of the event loop in milliseconds, over the last one to two minutes. */
export interface EventLoopLag {
  medianMs: number
  p99Ms: number
  maxMs: number
}

export function watchEventLoop(windowMs = WINDOW_MS): Disposable & { lag(): EventLoopLag } {
  const windows = [
    monitorEventLoopDelay({ resolution: RESOLUTION_MS }),
    monitorEventLoopDelay({ resolution: RESOLUTION_MS }),
  ]
  for (const each of windows) each.enable()
  // Reports the older histogram, then resets it: after the first window, every report covers at least one whole window.
  const rotation = setInterval(() => {
    windows.reverse()
    windows[1]!.reset()
  }, windowMs).unref()
  return {
    lag: () => {
      const [oldest] = windows
      // The histogram records the time between two samples.
      const lagMs = (ns: number): number => (oldest!.count === 0 ? 0 : Math.max(0, ns / 1e6 - RESOLUTION_MS))
      return {
        medianMs: lagMs(oldest!.percentile(50)),
        p99Ms: lagMs(oldest!.percentile(99)),
        maxMs: lagMs(oldest!.max),
      }
    },
    [Symbol.dispose]: () => {
      clearInterval(rotation)
      for (const each of windows) each.disable()
    },
  }
}
