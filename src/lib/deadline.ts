import { alignedInterval } from './aligned-interval.js'

/** A timer as a promise: resolves with `value` after `ms` milliseconds, never once it is disposed. */
export function deadline<T>(ms: number, value: T): Disposable & { reached: Promise<T> } {
  let timer: NodeJS.Timeout | undefined
  const reached = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(value), ms)
  })
  return { reached, [Symbol.dispose]: () => clearTimeout(timer) }
}

/**
 * Asks `question` every `ms` milliseconds, in step with others; resolves with its first answer that is not undefined, never once
 * it is disposed.
 */
export function poll<T>(ms: number, question: () => T | undefined): Disposable & { answered: Promise<T> } {
  let asking: Disposable | undefined
  const answered = new Promise<T>((resolve) => {
    asking = alignedInterval(ms, () => {
      const answer = question()
      if (answer === undefined) return
      asking?.[Symbol.dispose]()
      resolve(answer)
    })
  })
  return { answered, [Symbol.dispose]: () => asking?.[Symbol.dispose]() }
}
