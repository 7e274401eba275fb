import { expect, test } from 'vitest'
import { createRateLimit } from './rate-limit.js'

function limit(perSecond: number, burst: number) {
  const rate = { perSecond, burst }
  let now = 0
  const { consume } = createRateLimit(
    () => rate,
    () => now,
  )
  return { consume, rate, wait: (ms: number) => (now += ms) }
}

test('a burst is let through, then one turn after the other', () => {
  const { consume, wait } = limit(2, 3)
  expect([1, 2, 3].map(() => consume('192.0.2.1'))).toEqual([0, 0, 0])
  expect(consume('192.0.2.1')).toBe(500)
  wait(499)
  expect(consume('192.0.2.1')).toBe(1)
  wait(1)
  expect(consume('192.0.2.1')).toBe(0)
  expect(consume('192.0.2.1')).toBe(500)
})

test('after a pause the burst is there again, and not more', () => {
  const { consume, wait } = limit(10, 2)
  consume('192.0.2.1')
  wait(1_000_000)
  expect([1, 2, 3].map(() => consume('192.0.2.1'))).toEqual([0, 0, 100])
})

test('every network has turns of its own, and with IPv6 a /64 is one', () => {
  const { consume } = limit(1, 1)
  expect(consume('192.0.2.1')).toBe(0)
  expect(consume('192.0.2.2')).toBe(0)
  expect(consume('2001:db8::1')).toBe(0)
  expect(consume('2001:db8::2')).toBe(1000)
  expect(consume('::ffff:192.0.2.1')).toBe(1000)
})

test('a changed rate applies at once', () => {
  const { consume, rate } = limit(1, 1)
  consume('192.0.2.1')
  rate.perSecond = 100
  expect(consume('192.0.2.1')).toBe(10)
})

test('the networks that are remembered have a limit', () => {
  const { consume } = limit(1, 1)
  consume('192.0.2.1')
  for (let i = 0; i < 4096; i++) consume(`10.0.${i >> 8}.${i & 255}`)
  expect(consume('192.0.2.1')).toBe(0) // forgotten
  expect(consume('10.0.15.255')).toBe(1000)
})
