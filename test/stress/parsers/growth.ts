/** Kilobytes of input at which every parser is timed. */
export const SIZES_KB = [8, 16, 32, 64] as const

/** Quadratic work grows 64-fold from the smallest size to the largest, linear work 8-fold; caches blur both. */
const MOST_GROWTH = 24
/**
 * Milliseconds below which growth is not judged: there it is the cache and the collector that are measured. On a busy machine
 * JSON.parse of 64 kB of keys takes 8, 24 times what 8 kB take.
 */
const FLOOR_MS = 10
/** Milliseconds for the largest size: an input that takes longer is a finding, however it grows. */
const CEILING_MS = 50
const RUNS = 5
/** Milliseconds after which one size is not run again: what takes this long is no matter of noise. */
const ENOUGH_MS = 500
/** A machine with other work to do may spoil all runs of a size, but hardly of every attempt. */
const ATTEMPTS = 4

/** One parser and one hostile input, which is made anew for each size. */
export interface Case {
  parser: string
  shape: string
  /** Makes the input of about so many bytes. @returns what parses it; a refusal may be thrown. */
  prepare: (bytes: number) => () => unknown
}

/**
 * The shortest of several runs at each of `SIZES_KB`, in milliseconds; measured again, and the shortest kept, while there is
 * something to complain about.
 */
export async function timesOf({ prepare }: Case): Promise<number[]> {
  const best: number[] = SIZES_KB.map(() => Infinity)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    for (const [i, kilobytes] of SIZES_KB.entries())
      best[i] = Math.min(best[i]!, await shortest(prepare(kilobytes * 1024)))
    if (complaintAbout(best) === undefined) break
  }
  return best
}

async function shortest(parse: () => unknown): Promise<number> {
  let best = Infinity
  let spent = 0
  for (let run = 0; run < RUNS && spent < ENOUGH_MS; run++) {
    const startedMs = performance.now()
    try {
      const result = parse()
      if (result instanceof Promise) await result
    } catch {
      // A refusal: how long it took is what counts.
    }
    const tookMs = performance.now() - startedMs
    best = Math.min(best, tookMs)
    spent += tookMs
  }
  return best
}

/** @returns what is wrong with how the time grows; undefined where it grows as the input does. */
export function complaintAbout(times: readonly number[]): string | undefined {
  const [smallest, largest] = [times[0]!, times.at(-1)!]
  const row = times.map((ms, i) => `${ms.toFixed(2)} ms at ${SIZES_KB[i]} kB`).join(', ')
  if (largest > CEILING_MS) return `more than ${CEILING_MS} ms: ${row}`
  if (largest > FLOOR_MS && largest / smallest > MOST_GROWTH)
    return `${Math.round(largest / smallest)} times as long for 8 times as much: ${row}`
  return undefined
}
