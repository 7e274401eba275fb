import { setTimeout as sleep } from 'node:timers/promises'

/** The target of an attack, and its results. */
export interface Field {
  webPort: number
  /** Source address. Limits per address apply to the attacker only, not to the viewer. */
  from: string
  /** Aborted at the end of the attack. */
  signal: AbortSignal
  tally: Tally
}

export interface Tally {
  bytesSent: number
  /** Connections opened, including rejected ones. */
  connections: number
  /** Responses by HTTP status, rejected WebSockets and closed connections. */
  outcomes: Record<string, number>
}

export interface Attack {
  name: string
  about: string
  /** Resolves when `field.signal` is aborted, or at the limit of rounds. */
  run(field: Field): Promise<void>
}

export const count = ({ tally }: Field, outcome: string): void =>
  void (tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1)

/** Resolves after `ms`, or at the end of the attack. */
export async function pause(field: Field, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: field.signal }).catch(() => {})
}

/** Limit of rounds per loop, so that an attack ends even without its timer. */
const MAX_ROUNDS = 5000

/** Runs `atOnce` loops in parallel. Each calls `one` every `everyMs`, or as soon as the previous call has ended. */
export async function loops(
  field: Field,
  atOnce: number,
  everyMs: number,
  one: (index: number) => Promise<void>,
): Promise<void> {
  const loop = async (index: number): Promise<void> => {
    for (let round = 0; round < MAX_ROUNDS && !field.signal.aborted; round++) {
      const startedMs = performance.now()
      await one(index).catch((error: unknown) =>
        count(
          field,
          field.signal.aborted ? 'held to the end' : ((error as NodeJS.ErrnoException).code ?? 'error'),
        ),
      )
      await pause(field, Math.max(1, everyMs - (performance.now() - startedMs)))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, async (_, index) => await loop(index)))
}
