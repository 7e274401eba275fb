import type { Stage } from './stage.js'

/** One thing that is tried in the guest. */
export interface Case {
  name: string
  does: string
  expects: string
  /** On two idle cores; a slower guest gets more. */
  limitS: number
  /**
   * @returns what was seen, with figures.
   * @throws AssertionError when the program did something else, Impossible when these versions cannot show it.
   */
  play(stage: Stage): Promise<string>
}

export class Impossible extends Error {}
