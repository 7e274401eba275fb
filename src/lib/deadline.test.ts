import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { deadline, poll } from './deadline.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What a promise came to, once everything that waits has happened. */
async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return await Promise.race([
    promise,
    new Promise((resolve) => queueMicrotask(() => queueMicrotask(() => resolve('waiting')))),
  ])
}

test('a deadline is reached after its time, and not before', async () => {
  using limit = deadline(100, 'too late')
  vi.advanceTimersByTime(99)
  expect(await outcome(limit.reached)).toBe('waiting')
  vi.advanceTimersByTime(1)
  expect(await outcome(limit.reached)).toBe('too late')
})

test('a deadline that was disposed is never reached and leaves no timer', async () => {
  const limit = deadline(100, 'too late')
  limit[Symbol.dispose]()
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(1000)
  expect(await outcome(limit.reached)).toBe('waiting')
})

test('a question is asked until it has an answer, and no more', async () => {
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

test('null, false and nought are answers', async () => {
  for (const answer of [null, false, 0]) {
    using asking = poll(10, () => answer)
    vi.advanceTimersByTime(10)
    expect(await outcome(asking.answered)).toBe(answer)
  }
})

test('a question that was disposed is not asked again', () => {
  const question = vi.fn()
  const asking = poll(10, question)
  vi.advanceTimersByTime(10)
  asking[Symbol.dispose]()
  vi.advanceTimersByTime(1000)
  expect(question).toHaveBeenCalledTimes(1)
  expect(vi.getTimerCount()).toBe(0)
})
