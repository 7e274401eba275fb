/** A server that says more is asked after this time. */
const MAX_WAIT_MS = 300_000

/** RFC 9110 section 10.2.3: seconds, or a date. @returns undefined for what is neither. */
export function retryAfterMs(value: string | undefined, nowMs = Date.now()): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  const waitMs = /^\d{1,15}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs
  return Number.isNaN(waitMs) ? undefined : Math.min(MAX_WAIT_MS, Math.max(0, waitMs))
}
