const FIRST_MS = 500
const LONGEST_MS = 30_000
/** A session that lasted this long counts as a success. */
export const STABLE_MS = 10_000

/**
 * Exponential back-off with jitter, so that the pushes of many machines do not come back at one moment.
 * @param failures in a row, from 1. @param retryAfterMs what the server asks for, which is never undercut.
 * @param random from 0 to 1.
 */
export function reconnectDelayMs(failures: number, retryAfterMs: number | undefined, random: number): number {
  const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16))
  const jitteredMs = fullMs * (0.5 + random / 2)
  return Math.round(Math.max(jitteredMs, retryAfterMs === undefined ? 0 : retryAfterMs + random * FIRST_MS))
}
