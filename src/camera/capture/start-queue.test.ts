import { expect, test } from 'vitest'
import { createStartQueue } from './start-queue.js'

const never = new AbortController().signal
const settled = async (promise: Promise<unknown>): Promise<boolean> =>
  await Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(resolve, false)),
  ])

test('the first camera has its turn at once, the second when the first is done', async () => {
  const gate = createStartQueue()
  const first = await gate.enter(never)
  const second = gate.enter(never)
  expect(await settled(second)).toBe(false)
  first[Symbol.dispose]()
  expect(await settled(second)).toBe(true)
  ;(await second)[Symbol.dispose]()
})

test('a camera that does not come up holds up the others for so long only', async () => {
  const gate = createStartQueue(30)
  await gate.enter(never)
  const second = await gate.enter(never)
  second[Symbol.dispose]()
})

test('a camera that is closed while it waits leaves the queue in order', async () => {
  const gate = createStartQueue()
  const first = await gate.enter(never)
  const closing = new AbortController()
  const second = gate.enter(closing.signal)
  const third = gate.enter(never)
  closing.abort()
  expect(await settled(second)).toBe(true)
  expect(await settled(third)).toBe(false)
  first[Symbol.dispose]()
  expect(await settled(third)).toBe(true)
  ;(await third)[Symbol.dispose]()
})
