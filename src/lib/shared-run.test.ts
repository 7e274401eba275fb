import { expect, test } from 'vitest'
import { createSharedRun } from './shared-run.js'

test('requests during a run get its result, and later ones for a while too', async () => {
  let runs = 0
  let now = 0
  const get = createSharedRun(
    async () => await Promise.resolve(++runs),
    10,
    () => now,
  )
  expect((await Promise.all([get(), get(), get()])).map(({ value }) => value)).toEqual([1, 1, 1])
  now = 9
  expect(await get()).toEqual({ value: 1, atMs: 0 })
  now = 10
  expect(await get()).toEqual({ value: 2, atMs: 10 })
})

test('an error is not kept', async () => {
  let runs = 0
  const get = createSharedRun(async () => {
    if (++runs === 1) throw new Error('first')
    return await Promise.resolve(runs)
  }, 10)
  const both = [get(), get()]
  await expect(both[0]).rejects.toThrow('first')
  await expect(both[1]).rejects.toThrow('first')
  expect((await get()).value).toBe(2)
})
