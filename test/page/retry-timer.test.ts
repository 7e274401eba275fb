import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RetryTimer } from '../../static/retry-timer.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const lost = { code: 'closed', message: '' }

test('each failure waits longer, until a picture was there for some seconds', () => {
  const retry = vi.fn()
  const timer = new RetryTimer(retry)
  const waits = [0, 1, 2].map(() => {
    timer.after(lost)
    return timer.inMs
  })
  expect(waits.map((ms) => Math.round(ms / 500))).toEqual([1, 2, 4])
  timer.stop()
  timer.live(performance.now())
  vi.advanceTimersByTime(1000)
  timer.after(lost)
  expect(timer.failures).toBe(4) // it fell back at once
  timer.stop()
  timer.live(performance.now())
  vi.advanceTimersByTime(5000)
  timer.after(lost)
  expect(timer.failures).toBe(1)
  expect(retry).not.toHaveBeenCalled()
  vi.advanceTimersByTime(600)
  expect(retry).toHaveBeenCalledTimes(1)
})

test.each(['camera-full', 'server-full'])('%s is no failure, and a stopped timer does not fire', (code) => {
  const retry = vi.fn()
  const timer = new RetryTimer(retry)
  timer.after({ code, message: '' })
  expect(timer.failures).toBe(0)
  expect(timer.inMs).toBeGreaterThan(1000)
  timer.stop()
  expect(timer.inMs).toBe(0)
  vi.advanceTimersByTime(60_000)
  expect(retry).not.toHaveBeenCalled()
})
