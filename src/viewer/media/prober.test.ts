import { expect, onTestFinished, test, vi } from 'vitest'
import { Prober } from './prober.js'

function probing(rateBps: (nowMs: number) => number) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let sent = 0
  let nowMs = 0
  const prober = new Prober(
    rateBps,
    (bytes) => (sent += bytes),
    () => nowMs,
  )
  onTestFinished(() => prober[Symbol.dispose]())
  const pass = (ms: number, stepMs = 20): void => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      nowMs += stepMs
      vi.advanceTimersByTime(20)
    }
  }
  return { prober, pass, sent: () => sent }
}

test('it sends at the rate, and ends when that is 0', () => {
  const { prober, pass, sent } = probing((nowMs) => (nowMs < 2000 ? 800_000 : 0))
  prober.start()
  prober.start()
  pass(1000)
  expect(sent()).toBeCloseTo(100_000)
  pass(2000)
  expect(sent()).toBeLessThan(201_000)
  expect(vi.getTimerCount()).toBe(0)
})

test('after a stall of the process the path is not flooded', () => {
  const { prober, pass, sent } = probing(() => 800_000)
  prober.start()
  pass(5000, 5000)
  expect(sent()).toBe(4000)
})
