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
    estimate: undefined as number | undefined,
    availableBitrateBps: () => source.estimate,
  }
  const told = vi.fn()
  const watch = new CongestionStatus(source, told)
  onTestFinished(() => watch[Symbol.dispose]())
  return { source, told, watch }
}

test('a viewer that gets every frame is only notified of its estimate', () => {
  const { source, told } = watched()
  vi.advanceTimersByTime(10_000)
  expect(told).not.toHaveBeenCalled()
  source.estimate = 1_000_000
  vi.advanceTimersByTime(10_000)
  source.estimate = 1_050_000
  vi.advanceTimersByTime(10_000)
  expect(told.mock.calls).toEqual([[{ congested: false, estimateBps: 1_000_000 }]])
})

test('it is notified within a second when frames are dropped, and when that ends', () => {
  const { source, told } = watched()
  source.isLimited = true
  vi.advanceTimersByTime(5000)
  expect(told).not.toHaveBeenCalled() // everything fits
  for (let i = 0; i < 10; i++) {
    source.framesDropped += i % 3 === 0 ? 20 : 0
    vi.advanceTimersByTime(1000)
  }
  expect(told.mock.calls).toEqual([[{ congested: true, estimateBps: undefined }]])
  source.isLimited = false
  vi.advanceTimersByTime(1000)
  expect(told).toHaveBeenLastCalledWith({ congested: false, estimateBps: undefined })
})

test('it is notified at most once a second', () => {
  const { source, told } = watched()
  for (let i = 1; i <= 100; i++) {
    source.estimate = i % 2 === 0 ? 100_000 : 1_000_000
    vi.advanceTimersByTime(100)
  }
  expect(told.mock.calls.length).toBeLessThanOrEqual(10)
})

test('there is no notification after the end', () => {
  const { source, told, watch } = watched()
  watch[Symbol.dispose]()
  source.estimate = 5
  vi.advanceTimersByTime(5000)
  expect(told).not.toHaveBeenCalled()
})
