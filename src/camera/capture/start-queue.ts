import { after, firstOf, whenAborted } from '../../lib/race.js'

/** Starts cameras one at a time: two libcamerasrc that start together crash on a Raspberry Pi 5. */
export interface StartQueue {
  /** Resolves when it is this camera's turn, or when `signal` aborts. Dispose the result to end the turn. */
  enter(signal: AbortSignal): Promise<Disposable>
}

/** @param holdMs the longest turn, so that a camera that does not start cannot block the others. */
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
