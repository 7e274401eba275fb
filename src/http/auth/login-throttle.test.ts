import { expect, test } from 'vitest'
import { LoginThrottle } from './login-throttle.js'

/** A clock that is set by hand. */
function setUp() {
  const clock = { ms: 1000 }
  return { clock, throttle: new LoginThrottle(() => clock.ms) }
}

test('five guesses are free, then each costs twice the wait of the one before, up to a minute', () => {
  const { clock, throttle } = setUp()
  const waits = Array.from({ length: 14 }, () => {
    throttle.begin('192.0.2.1')
    const waitMs = throttle.waitMs('192.0.2.1')
    clock.ms += waitMs
    return waitMs / 1000
  })
  expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60])
})

test('a wait is over when its time has passed, not before', () => {
  const { clock, throttle } = setUp()
  for (let i = 0; i < 6; i++) throttle.begin('192.0.2.1')
  clock.ms += 1999
  expect(throttle.waitMs('192.0.2.1')).toBe(1)
  clock.ms += 1
  expect(throttle.waitMs('192.0.2.1')).toBe(0)
})

test('no address waits for the guesses of another', () => {
  const { throttle } = setUp()
  for (let i = 0; i < 20; i++) throttle.begin('192.0.2.1')
  for (const other of ['192.0.2.2', '2001:db8::1']) expect(throttle.waitMs(other)).toBe(0)
})

test('the addresses of one IPv6 network wait together', () => {
  const { throttle } = setUp()
  for (let i = 1; i <= 9; i++) throttle.begin(`2001:db8:0:1::${i}`)
  expect(throttle.waitMs('2001:db8:0:1:ffff::')).toBe(16_000)
  expect(throttle.waitMs('2001:db8:0:2::1')).toBe(0)
})

test('what was right is no guess, and forgives none of those before it', () => {
  const { clock, throttle } = setUp()
  for (let i = 0; i < 100; i++) {
    throttle.begin('192.0.2.1')
    throttle.forgive('192.0.2.1')
  }
  expect([throttle.waitMs('192.0.2.1'), throttle.size]).toEqual([0, 0])
  for (let i = 0; i < 6; i++) throttle.begin('192.0.2.1')
  clock.ms += 2000
  throttle.begin('192.0.2.1')
  throttle.forgive('192.0.2.1')
  throttle.begin('192.0.2.1')
  expect(throttle.waitMs('192.0.2.1')).toBe(4000)
})

test('guesses are forgotten a quarter of an hour after the last one', () => {
  const { clock, throttle } = setUp()
  for (let i = 0; i < 20; i++) throttle.begin('192.0.2.1')
  clock.ms += 15 * 60_000
  throttle.begin('192.0.2.1')
  expect(throttle.waitMs('192.0.2.1')).toBe(0)
})

test('repeated wrong credentials are recognized', () => {
  const { throttle } = setUp()
  throttle.begin('192.0.2.1')
  throttle.wrong('192.0.2.1', 'digest')
  expect(throttle.repeats('192.0.2.1', 'digest')).toBe(true)
  expect(throttle.repeats('192.0.2.1', 'another')).toBe(false)
  expect(throttle.repeats('192.0.2.2', 'digest')).toBe(false)
})

test('however many addresses guess, no more than 4096 are remembered, the latest', () => {
  const { throttle } = setUp()
  for (let i = 0; i < 10_000; i++) throttle.begin(`10.0.${i >> 8}.${i & 255}`)
  expect(throttle.size).toBe(4096)
  for (let i = 0; i < 5; i++) throttle.begin('10.0.39.15')
  expect(throttle.waitMs('10.0.39.15')).toBe(2000)
})
