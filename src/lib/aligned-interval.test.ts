import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { alignedInterval } from './aligned-interval.js'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

test('intervals that begin at different times fire together, once in each interval', () => {
  const times: number[][] = [[], [], []]
  for (const calls of times) {
    const interval = alignedInterval(1000, () => void calls.push(performance.now()))
    onTestFinished(() => interval[Symbol.dispose]())
    vi.advanceTimersByTime(370)
  }
  vi.advanceTimersByTime(5000)
  expect(times[0]!.slice(0, 2)).toEqual([1000, 2000])
  expect(times[1]!.slice(0, 2)).toEqual([1000, 2000])
  expect(times[2]!.slice(0, 2)).toEqual([2000, 3000]) // 260 ms were too few
  for (const calls of times) expect(calls.at(-1)! - calls.at(-2)!).toBe(1000)
})

test('a timer that fires early causes no second call', () => {
  const calls: number[] = []
  const now = vi.spyOn(performance, 'now')
  now.mockReturnValue(0)
  using _interval = alignedInterval(1000, () => void calls.push(performance.now()))
  for (const earlyMs of [999.6, 1999.6, 2999.6]) {
    now.mockReturnValue(earlyMs)
    vi.advanceTimersToNextTimer()
    vi.advanceTimersByTime(500)
  }
  expect(calls).toEqual([999.6, 1999.6, 2999.6])
})

test('after disposal nothing is called and no timer remains', () => {
  const callback = vi.fn()
  const interval = alignedInterval(10, callback)
  vi.advanceTimersByTime(25)
  interval[Symbol.dispose]()
  vi.advanceTimersByTime(1000)
  expect(callback).toHaveBeenCalledTimes(2)
  expect(vi.getTimerCount()).toBe(0)
})

test('a callback that disposes of its interval is not called again', () => {
  const callback = vi.fn(() => interval[Symbol.dispose]())
  const interval = alignedInterval(10, callback)
  vi.advanceTimersByTime(1000)
  expect(callback).toHaveBeenCalledTimes(1)
})
