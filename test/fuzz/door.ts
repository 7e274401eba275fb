import type { Chance } from './chance.js'
import type { Target } from './target.js'

/** One way in from outside. */
export interface Door {
  name: string
  /** What is sent. */
  about: string
  /** Sends `inputs` of them. */
  attack(target: Target, chance: Chance, inputs: number): Promise<void>
}

/** Makes the inputs one after the other, so that chance is the same every time, and sends some of them at once. */
export async function inBatches<T>(
  inputs: number,
  atOnce: number,
  make: () => T,
  send: (input: T) => Promise<void>,
): Promise<void> {
  for (let left = inputs; left > 0; left -= atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, left) }, make).map(send))
}
