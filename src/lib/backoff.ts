/** Milliseconds to wait before the next attempt, longer each time it fails again. */
const STEPS_MS = [200, 500, 1000, 2000, 5000, 10_000] as const

/** An attempt that held this long is not part of a series of failures: the next one may follow at once. */
const HELD_MS = 5000

/** An attempt that held this long ends the series: failures are counted from the start again. */
const RECOVERED_MS = 10_000

/**
 * How long to wait after an attempt that held for `heldMs` milliseconds (0: it never worked).
 * @param failures how many attempts of this series failed before it.
 */
export function nextWait(failures: number, heldMs: number): { waitMs: number; failures: number } {
  if (heldMs >= RECOVERED_MS) return { waitMs: 0, failures: 0 }
  if (heldMs >= HELD_MS) return { waitMs: 0, failures }
  return { waitMs: STEPS_MS[Math.min(failures, STEPS_MS.length - 1)]!, failures: failures + 1 }
}
