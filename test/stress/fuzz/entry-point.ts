import type { Random } from './random.js'
import type { Unit } from './meter.js'
import type { Target } from './target.js'

/** One way in from outside. */
export interface EntryPoint {
  name: string
  /** What is sent. */
  about: string
  /** Whether it is for the program that wants credentials. */
  locked?: boolean
  /** Sends `inputs` of them. */
  attack(target: Target, random: Random, inputs: number): Promise<void>
}

/** Makes the inputs one after the other, so that a seed gives the same inputs every time, and sends some of them at once. */
export async function inBatches(
  { meter }: Target,
  inputs: number,
  atOnce: number,
  make: () => Unit,
  settle: () => Promise<void> = async () => {},
): Promise<void> {
  for (let left = inputs; left > 0; left -= atOnce) {
    await meter.send(Array.from({ length: Math.min(atOnce, left) }, make))
    await settle()
  }
}
