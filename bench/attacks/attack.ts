import { setTimeout as sleep } from 'node:timers/promises'

/** Where an attack happens, and what it did. */
export interface Field {
  webPort: number
  /** The loopback address that the attacker has: limits of one address hit it, and not the honest viewer. */
  from: string
  /** Aborted when the time is over. */
  over: AbortSignal
  tally: Tally
}

export interface Tally {
  bytesSent: number
  /** Connections that were opened, those that were refused included. */
  connections: number
  /** Answers by HTTP status, WebSocket refusals and closed connections: what the server did about it. */
  outcomes: Record<string, number>
}

export interface Attack {
  name: string
  about: string
  /** Goes on until `field.over`, or until it has done all it may. */
  run(field: Field): Promise<void>
}

export const count = ({ tally }: Field, outcome: string): void =>
  void (tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1)

/** Resolves after `ms`, and at once when the time is over. */
export async function pause(field: Field, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: field.over }).catch(() => {})
}

/** How often each of some loops may begin again, and how long it waits before: an attack has an end also without a clock. */
const MOST_ROUNDS = 5000

/** Runs `one` again and again, `atOnce` times side by side, with a pause of `everyMs` from start to start. */
export async function loops(
  field: Field,
  atOnce: number,
  everyMs: number,
  one: (index: number) => Promise<void>,
): Promise<void> {
  const loop = async (index: number): Promise<void> => {
    for (let round = 0; round < MOST_ROUNDS && !field.over.aborted; round++) {
      const startedMs = performance.now()
      await one(index).catch((error: unknown) =>
        count(
          field,
          field.over.aborted ? 'held to the end' : ((error as NodeJS.ErrnoException).code ?? 'error'),
        ),
      )
      await pause(field, Math.max(1, everyMs - (performance.now() - startedMs)))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, async (_, index) => await loop(index)))
}
