import { seededRandom } from '../../support/viewer-random.js'

/** Random that is the same for the same seed. */
export interface Random {
  /** A whole number from 0 to `limit - 1`. */
  below: (limit: number) => number
  happens: (probability: number) => boolean
  of: <T>(list: readonly T[]) => T
  bytes: (length: number) => Buffer
}

export function createRandom(seed: number): Random {
  const next = seededRandom(seed)
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    happens: (probability) => next() < probability,
    of: (list) => list[below(list.length)]!,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  }
}
