import { setTimeout as sleep } from 'node:timers/promises'

/** Something that may happen; it stops waiting when the race it runs in is over. */
export type Racer<T> = (over: AbortSignal) => Promise<T>

/** The first of several things to happen. The losers stop listening, so a race that is run for ever leaves nothing behind. */
export async function firstOf<T>(...racers: Racer<T>[]): Promise<T> {
  const over = new AbortController()
  try {
    return await Promise.race(racers.map(async (racer) => await racer(over.signal)))
  } finally {
    over.abort()
  }
}

export const after =
  (ms: number): Racer<void> =>
  async (over) =>
    await sleep(ms, undefined, { signal: over }).catch(() => {}) // it rejects only when nobody waits any more

// @NOTE not AbortSignal.any: on Node 20 it keeps every signal it ever made (nodejs/node#54614).
export const whenAborted =
  (signal: AbortSignal): Racer<void> =>
  async (over) =>
    await new Promise((resolve) => {
      if (signal.aborted) return resolve()
      signal.addEventListener('abort', () => resolve(), { once: true, signal: over })
    })

/** Gives what a racer resolves to a name, to tell who won. */
export const as =
  <T>(value: T, racer: Racer<unknown>): Racer<T> =>
  async (over) => {
    await racer(over)
    return value
  }
