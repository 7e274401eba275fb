import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createDemand } from './demand.js'
import type { Racer } from '../../lib/race.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Whether something has happened so far. */
async function watched(racer: Racer<void>) {
  const closing = new AbortController()
  const seen = { happened: false, stop: () => closing.abort() }
  void racer(closing.signal).then(() => (seen.happened = true))
  await vi.advanceTimersByTimeAsync(0)
  return seen
}

test('a camera is wanted from the first watcher until some time after the last', async () => {
  const demand = createDemand(1000)
  expect(demand.isWanted).toBe(false)
  const wanted = await watched(demand.wanted)
  expect(wanted.happened).toBe(false)
  const [first, second] = [demand.watch(), demand.watch()]
  const unwanted = await watched(demand.unwanted)
  expect(wanted.happened).toBe(true)
  first[Symbol.dispose]()
  await vi.advanceTimersByTimeAsync(5000)
  second[Symbol.dispose]()
  await vi.advanceTimersByTimeAsync(999)
  expect([demand.isWanted, unwanted.happened]).toEqual([true, false])
  await vi.advanceTimersByTimeAsync(1)
  expect([demand.isWanted, unwanted.happened]).toEqual([false, true])
})

test('a watcher that comes back in time keeps the camera on', async () => {
  const demand = createDemand(1000)
  demand.watch()[Symbol.dispose]()
  const unwanted = await watched(demand.unwanted)
  await vi.advanceTimersByTimeAsync(900)
  const back = demand.watch()
  await vi.advanceTimersByTimeAsync(5000)
  expect(unwanted.happened).toBe(false)
  back[Symbol.dispose]()
  await vi.advanceTimersByTimeAsync(1000)
  expect(unwanted.happened).toBe(true)
})

test('the close-after time starts when the watcher leaves, not when the race starts', async () => {
  const demand = createDemand(1000)
  demand.watch()[Symbol.dispose]()
  await vi.advanceTimersByTimeAsync(800)
  const unwanted = await watched(demand.unwanted)
  await vi.advanceTimersByTimeAsync(200)
  expect(unwanted.happened).toBe(true)
})

test('a watcher that leaves twice is counted once', () => {
  const demand = createDemand(0)
  const first = demand.watch()
  demand.watch()
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  expect(demand.isWanted).toBe(true)
})

test('a finished race leaves no timer behind', async () => {
  const demand = createDemand(1000)
  demand.watch()[Symbol.dispose]()
  const { stop } = await watched(demand.unwanted)
  expect(vi.getTimerCount()).toBe(1)
  stop()
  demand.watch()[Symbol.dispose]()
  expect(vi.getTimerCount()).toBe(0)
})

test('a camera that is always wanted needs no watcher', async () => {
  const demand = createDemand(Infinity)
  const [wanted, unwanted] = [await watched(demand.wanted), await watched(demand.unwanted)]
  demand.watch()[Symbol.dispose]()
  await vi.advanceTimersByTimeAsync(1e9)
  expect([demand.isWanted, wanted.happened, unwanted.happened]).toEqual([true, true, false])
})

test('the close-after time can be changed while a race waits for it', async () => {
  const demand = createDemand(Infinity)
  const unwanted = await watched(demand.unwanted)
  demand.watch()[Symbol.dispose]()
  demand.keepFor(1000)
  await vi.advanceTimersByTimeAsync(999)
  expect([demand.isWanted, unwanted.happened]).toEqual([true, false])
  await vi.advanceTimersByTimeAsync(1)
  expect([demand.isWanted, unwanted.happened]).toEqual([false, true])
  const wanted = await watched(demand.wanted)
  expect(wanted.happened).toBe(false)
  demand.keepFor(Infinity)
  await vi.advanceTimersByTimeAsync(0)
  expect([demand.isWanted, wanted.happened]).toEqual([true, true])
})
