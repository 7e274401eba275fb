import { expect, test } from 'vitest'
import { WorkQueue } from './work-queue.js'

test('work runs in order, one at a time, also after work that failed', async () => {
  const queue = new WorkQueue()
  const events: string[] = []
  const work = (name: string, fails = false) =>
    queue.run(async () => {
      events.push(`${name} begins`)
      await Promise.resolve()
      events.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    })
  const results = Promise.allSettled([work('first'), work('second', true), work('third')])
  await queue.settled()
  expect(events).toEqual(['first', 'second', 'third'].flatMap((name) => [`${name} begins`, `${name} ends`]))
  expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('a queue without work has settled', async () => {
  await expect(new WorkQueue().settled()).resolves.toBeUndefined()
})
