import { alignedInterval } from './aligned-interval.js'

/** A promise that resolves with `value` after `ms` milliseconds, unless it is disposed before. */
export function deadline<T>(ms: number, value: T): Disposable & { reached: Promise<T> } {
  let timer: NodeJS.Timeout | undefined
  const reached = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(value), ms)
  })
  return { reached, [Symbol.dispose]: () => clearTimeout(timer) }
}

/** Calls `read` on an aligned interval, and resolves with its first result that is not undefined, unless it is disposed before. */
export function poll<T>(ms: number, read: () => T | undefined): Disposable & { answered: Promise<T> } {
  let polling: Disposable | undefined
  const answered = new Promise<T>((resolve) => {
    polling = alignedInterval(ms, () => {
      const answer = read()
      if (answer === undefined) return
      polling?.[Symbol.dispose]()
      resolve(answer)
    })
  })
  return { answered, [Symbol.dispose]: () => polling?.[Symbol.dispose]() }
}
