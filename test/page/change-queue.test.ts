import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ChangeQueue } from '../../static/change-queue.js'

type Changes = Record<string, unknown>

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A queue whose requests are answered when the test says so. */
function queueWithServer() {
  const sent: { atMs: number; changes: Changes }[] = []
  const answers: (() => void)[] = []
  const startMs = performance.now()
  const busy: boolean[] = []
  const queue = new ChangeQueue(
    async (changes) => {
      sent.push({ atMs: Math.round(performance.now() - startMs), changes })
      await new Promise<void>((resolve) => answers.push(resolve))
      return () => {}
    },
    (now) => busy.push(now),
  )
  const answer = async (): Promise<void> => {
    answers.shift()!()
    await vi.advanceTimersByTimeAsync(0)
  }
  return { queue, sent, answer, answers, busy }
}

test('while a slider moves, at most five requests a second are sent, and the last value arrives', async () => {
  const sent: number[] = []
  const queue = new ChangeQueue(async ({ a }) => {
    sent.push(Number(a))
    return await Promise.resolve(() => {})
  })
  for (let i = 1; i <= 100; i++) {
    queue.set('a', i)
    await vi.advanceTimersByTimeAsync(10)
  }
  await vi.advanceTimersByTimeAsync(200)
  expect(sent.length).toBeGreaterThanOrEqual(5)
  expect(sent.length).toBeLessThanOrEqual(7)
  expect(sent.at(-1)).toBe(100)
})

test('a request waits for the answer to the one before; meanwhile the last value of each control wins', async () => {
  const { queue, sent, answer, answers } = queueWithServer()
  queue.set('a', 1)
  await vi.advanceTimersByTimeAsync(1000)
  queue.set('a', 2)
  queue.set('b', true)
  queue.set('a', 3)
  await vi.advanceTimersByTimeAsync(5000)
  expect(answers).toHaveLength(1)
  await answer()
  expect(sent.map(({ changes }) => changes)).toEqual([{ a: 1 }, { a: 3, b: true }])
})

test('a control is changing while its value waits and until its answer', async () => {
  const { queue, answer } = queueWithServer()
  queue.set('a', 1)
  expect([queue.has('a'), queue.has('b')]).toEqual([true, false])
  await vi.advanceTimersByTimeAsync(0)
  expect(queue.has('a')).toBe(true)
  await answer()
  expect(queue.has('a')).toBe(false)
})

test('a value can wait until the slider stands still', async () => {
  const { queue, sent } = queueWithServer()
  for (let i = 1; i <= 20; i++) {
    queue.set('a', i, 250)
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(sent).toEqual([])
  await vi.advanceTimersByTimeAsync(150)
  expect(sent).toEqual([{ atMs: 2150, changes: { a: 20 } }])
})

test('a task runs after the changes before it, at once, and alone', async () => {
  const { queue, sent, answer } = queueWithServer()
  const events: string[] = []
  queue.set('a', 1, 250)
  let finish = (): void => {}
  queue.run(async () => {
    events.push(`task after ${sent.length} requests`)
    await new Promise<void>((resolve) => (finish = resolve))
  })
  await vi.advanceTimersByTimeAsync(0)
  expect([sent.length, events]).toEqual([1, []])
  await answer()
  expect(events).toEqual(['task after 1 requests'])
  queue.set('a', 2)
  await vi.advanceTimersByTimeAsync(1000)
  expect(sent).toHaveLength(1)
  finish()
  await vi.advanceTimersByTimeAsync(0)
  expect(sent).toHaveLength(2)
})

test('busy is reported from the request to its answer', async () => {
  const { queue, answer, busy } = queueWithServer()
  queue.set('a', 1)
  await vi.advanceTimersByTimeAsync(0)
  expect(busy).toEqual([true])
  await answer()
  expect(busy).toEqual([true, false])
})

test('an answer finds its values no longer under way, unless a newer one waits', async () => {
  const changing: boolean[] = []
  const queue: ChangeQueue = new ChangeQueue(
    async () => await Promise.resolve(() => changing.push(queue.has('a'))),
  )
  queue.set('a', 1)
  await vi.advanceTimersByTimeAsync(0)
  queue.set('a', 2)
  await vi.advanceTimersByTimeAsync(1000)
  expect(changing).toEqual([false, false])
})
