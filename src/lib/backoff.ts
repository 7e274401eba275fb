/** Wait before each retry. */
const STEPS_MS = [200, 500, 1000, 2000, 5000, 10_000] as const

/** An attempt that lasted this long is retried at once. */
const STABLE_MS = 5000

/** An attempt that lasted this long resets the count of failures. */
const RECOVERED_MS = 10_000

/**
 * @param failures number of attempts that failed in a row before this one.
 * @param lastedMs how long this attempt worked; 0 if it never did.
 */
export function nextWait(failures: number, lastedMs: number): { waitMs: number; failures: number } {
  if (lastedMs >= RECOVERED_MS) return { waitMs: 0, failures: 0 }
  if (lastedMs >= STABLE_MS) return { waitMs: 0, failures }
  return { waitMs: STEPS_MS[Math.min(failures, STEPS_MS.length - 1)]!, failures: failures + 1 }
}
