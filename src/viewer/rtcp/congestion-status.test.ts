import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { CongestionStatus } from './congestion-status.js'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

function watched() {
  const source = {
    framesDropped: 0,
    isLimited: false,
    isStalled: false,
    size: undefined as 'high' | 'low' | undefined,
    estimate: undefined as number | undefined,
    availableBitrateBps: () => source.estimate,
  }
  const reported = vi.fn()
  const watch = new CongestionStatus(source, reported)
  onTestFinished(() => watch[Symbol.dispose]())
  return { source, reported, watch }
}

test('a viewer that gets every frame is only notified of its estimate', () => {
  const { source, reported } = watched()
  vi.advanceTimersByTime(10_000)
  expect(reported).not.toHaveBeenCalled()
  source.estimate = 1_000_000
  vi.advanceTimersByTime(10_000)
  source.estimate = 1_050_000
  vi.advanceTimersByTime(10_000)
  expect(reported.mock.calls).toEqual([[{ congested: false, availableBitrateBps: 1_000_000 }]])
})

test('it is notified within a second when frames are dropped, and when that ends', () => {
  const { source, reported } = watched()
  source.isLimited = true
  vi.advanceTimersByTime(5000)
  expect(reported).not.toHaveBeenCalled() // everything fits
  for (let i = 0; i < 10; i++) {
    source.framesDropped += i % 3 === 0 ? 20 : 0
    vi.advanceTimersByTime(1000)
  }
  expect(reported.mock.calls).toEqual([[{ congested: true, availableBitrateBps: undefined }]])
  source.isLimited = false
  vi.advanceTimersByTime(1000)
  expect(reported).toHaveBeenLastCalledWith({ congested: false, availableBitrateBps: undefined })
})

test('it is notified at most once a second', () => {
  const { source, reported } = watched()
  for (let i = 1; i <= 100; i++) {
    source.estimate = i % 2 === 0 ? 100_000 : 1_000_000
    vi.advanceTimersByTime(100)
  }
  expect(reported.mock.calls.length).toBeLessThanOrEqual(10)
})

test('there is no notification after the end', () => {
  const { source, reported, watch } = watched()
  watch[Symbol.dispose]()
  source.estimate = 5
  vi.advanceTimersByTime(5000)
  expect(reported).not.toHaveBeenCalled()
})

test('a viewer through whose path nothing gets is congested, although no frame could be dropped yet', () => {
  const { source, watch } = watched()
  source.isLimited = true
  expect(watch.status.congested).toBe(false)
  source.isStalled = true
  expect(watch.status.congested).toBe(true)
})
