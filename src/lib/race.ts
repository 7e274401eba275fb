import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for an event until `signal` is aborted. */
export type Racer<T> = (signal: AbortSignal) => Promise<T>

/** Resolves with the first event, and aborts the others so that no listener remains. */
export async function firstOf<T>(...racers: Racer<T>[]): Promise<T> {
  const settled = new AbortController()
  try {
    return await Promise.race(racers.map(async (racer) => await racer(settled.signal)))
  } finally {
    settled.abort()
  }
}

export const after =
  (ms: number): Racer<void> =>
  async (signal) =>
    await sleep(ms, undefined, { signal }).catch(() => {}) // rejects only when the race is over

// @NOTE not AbortSignal.any: on Node 20 it keeps every signal it ever made (nodejs/node#54614).
export const whenAborted =
  (awaited: AbortSignal): Racer<void> =>
  async (signal) =>
    await new Promise((resolve) => {
      if (awaited.aborted) return resolve()
      awaited.addEventListener('abort', () => resolve(), { once: true, signal })
    })

/** Resolves with `value` instead, to identify the winner. */
export const as =
  <T>(value: T, racer: Racer<unknown>): Racer<T> =>
  async (signal) => {
    await racer(signal)
    return value
  }
