import { after, firstOf, whenAborted } from '../../lib/race.js'

/** Lets cameras start one at a time: two libcamerasrc that start together crash each other on a Raspberry Pi 5. */
export interface StartQueue {
  /** Resolves when it is this camera's turn, or at once when `signal` aborts; disposing ends the turn early. */
  enter(signal: AbortSignal): Promise<Disposable>
}

/** @param holdMs the longest turn in milliseconds: a camera that does not come up must not hold up the others. */
export function createStartQueue(holdMs = 2000): StartQueue {
  let previous: Promise<unknown> = Promise.resolve()
  return {
    async enter(signal) {
      const before = previous
      const left = new AbortController()
      const turn = before.then(() => firstOf(whenAborted(left.signal), whenAborted(signal), after(holdMs)))
      previous = turn
      await firstOf(() => before, whenAborted(signal))
      return { [Symbol.dispose]: () => left.abort() }
    },
  }
}
