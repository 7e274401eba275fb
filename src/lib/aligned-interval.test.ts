import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { alignedInterval } from './aligned-interval.js'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

test('what begins at different times is called at the same, once in each interval', () => {
  const times: number[][] = [[], [], []]
  for (const calls of times) {
    const looking = alignedInterval(1000, () => void calls.push(performance.now()))
    onTestFinished(() => looking[Symbol.dispose]())
    vi.advanceTimersByTime(370)
  }
  vi.advanceTimersByTime(5000)
  expect(times[0]!.slice(0, 2)).toEqual([1000, 2000])
  expect(times[1]!.slice(0, 2)).toEqual([1000, 2000])
  expect(times[2]!.slice(0, 2)).toEqual([2000, 3000]) // 260 ms were too few
  for (const calls of times) expect(calls.at(-1)! - calls.at(-2)!).toBe(1000)
})

test('a timer that is early does not make two calls of one', () => {
  const calls: number[] = []
  const now = vi.spyOn(performance, 'now')
  now.mockReturnValue(0)
  using _looking = alignedInterval(1000, () => void calls.push(performance.now()))
  for (const earlyMs of [999.6, 1999.6, 2999.6]) {
    now.mockReturnValue(earlyMs)
    vi.advanceTimersToNextTimer()
    vi.advanceTimersByTime(500)
  }
  expect(calls).toEqual([999.6, 1999.6, 2999.6])
})

test('nothing is called, and no timer left, once it was disposed', () => {
  const look = vi.fn()
  const looking = alignedInterval(10, look)
  vi.advanceTimersByTime(25)
  looking[Symbol.dispose]()
  vi.advanceTimersByTime(1000)
  expect(look).toHaveBeenCalledTimes(2)
  expect(vi.getTimerCount()).toBe(0)
})

test('who disposes of it within its call is not called again', () => {
  const look = vi.fn(() => looking[Symbol.dispose]())
  const looking = alignedInterval(10, look)
  vi.advanceTimersByTime(1000)
  expect(look).toHaveBeenCalledTimes(1)
})
