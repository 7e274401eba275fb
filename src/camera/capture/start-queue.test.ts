import { expect, test } from 'vitest'
import { createStartQueue } from './start-queue.js'

const never = new AbortController().signal
const settled = async (promise: Promise<unknown>): Promise<boolean> =>
  await Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(resolve, false)),
  ])

test('the first camera gets its turn at once, the second when the first is done', async () => {
  const queue = createStartQueue()
  const first = await queue.enter(never)
  const second = queue.enter(never)
  expect(await settled(second)).toBe(false)
  first[Symbol.dispose]()
  expect(await settled(second)).toBe(true)
  ;(await second)[Symbol.dispose]()
})

test('a camera that does not start blocks the others for a limited time', async () => {
  const queue = createStartQueue(30)
  await queue.enter(never)
  const second = await queue.enter(never)
  second[Symbol.dispose]()
})

test('a camera that is closed while waiting keeps the queue in order', async () => {
  const queue = createStartQueue()
  const first = await queue.enter(never)
  const closing = new AbortController()
  const second = queue.enter(closing.signal)
  const third = queue.enter(never)
  closing.abort()
  expect(await settled(second)).toBe(true)
  expect(await settled(third)).toBe(false)
  first[Symbol.dispose]()
  expect(await settled(third)).toBe(true)
  ;(await third)[Symbol.dispose]()
})
