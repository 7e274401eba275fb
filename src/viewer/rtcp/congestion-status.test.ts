import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { CongestionStatus } from './congestion-status.js'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

function watched() {
  const source = {
    framesLeftOut: 0,
    isLimited: false,
    estimate: undefined as number | undefined,
    estimateBps: () => source.estimate,
  }
  const told = vi.fn()
  const watch = new CongestionStatus(source, told)
  onTestFinished(() => watch[Symbol.dispose]())
  return { source, told, watch }
}

test('a viewer that gets everything is told nothing but its estimate', () => {
  const { source, told } = watched()
  vi.advanceTimersByTime(10_000)
  expect(told).not.toHaveBeenCalled()
  source.estimate = 1_000_000
  vi.advanceTimersByTime(10_000)
  source.estimate = 1_050_000
  vi.advanceTimersByTime(10_000)
  expect(told.mock.calls).toEqual([[{ congested: false, estimateBps: 1_000_000 }]])
})

test('it is told within a second that pictures are left out, and that they are not any more', () => {
  const { source, told } = watched()
  source.isLimited = true
  vi.advanceTimersByTime(5000)
  expect(told).not.toHaveBeenCalled() // everything fits
  for (let i = 0; i < 10; i++) {
    source.framesLeftOut += i % 3 === 0 ? 20 : 0
    vi.advanceTimersByTime(1000)
  }
  expect(told.mock.calls).toEqual([[{ congested: true, estimateBps: undefined }]])
  source.isLimited = false
  vi.advanceTimersByTime(1000)
  expect(told).toHaveBeenLastCalledWith({ congested: false, estimateBps: undefined })
})

test('it is told at most once a second, whatever changes', () => {
  const { source, told } = watched()
  for (let i = 1; i <= 100; i++) {
    source.estimate = i % 2 === 0 ? 100_000 : 1_000_000
    vi.advanceTimersByTime(100)
  }
  expect(told.mock.calls.length).toBeLessThanOrEqual(10)
})

test('nobody is told after the end', () => {
  const { source, told, watch } = watched()
  watch[Symbol.dispose]()
  source.estimate = 5
  vi.advanceTimersByTime(5000)
  expect(told).not.toHaveBeenCalled()
})
