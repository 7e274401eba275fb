import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { deadline, poll } from './deadline.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** State of a promise after all pending work. */
async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return await Promise.race([
    promise,
    new Promise((resolve) => queueMicrotask(() => queueMicrotask(() => resolve('waiting')))),
  ])
}

test('a deadline resolves after its time, and not before', async () => {
  using limit = deadline(100, 'too late')
  vi.advanceTimersByTime(99)
  expect(await outcome(limit.reached)).toBe('waiting')
  vi.advanceTimersByTime(1)
  expect(await outcome(limit.reached)).toBe('too late')
})

test('a deadline that was disposed never resolves and leaves no timer', async () => {
  const limit = deadline(100, 'too late')
  limit[Symbol.dispose]()
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(1000)
  expect(await outcome(limit.reached)).toBe('waiting')
})

test('poll reads until it has a value, and no longer', async () => {
  const answers = [undefined, undefined, 'yes', 'again']
  const question = vi.fn(() => answers.shift())
  using asking = poll(10, question)
  vi.advanceTimersByTime(20)
  expect(await outcome(asking.answered)).toBe('waiting')
  vi.advanceTimersByTime(100)
  expect(await outcome(asking.answered)).toBe('yes')
  expect(question).toHaveBeenCalledTimes(3)
  expect(vi.getTimerCount()).toBe(0)
})

test('null, false and 0 are values', async () => {
  for (const answer of [null, false, 0]) {
    using asking = poll(10, () => answer)
    vi.advanceTimersByTime(10)
    expect(await outcome(asking.answered)).toBe(answer)
  }
})

test('after disposal poll reads no more', () => {
  const question = vi.fn()
  const asking = poll(10, question)
  vi.advanceTimersByTime(10)
  asking[Symbol.dispose]()
  vi.advanceTimersByTime(1000)
  expect(question).toHaveBeenCalledTimes(1)
  expect(vi.getTimerCount()).toBe(0)
})
