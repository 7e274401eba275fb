import { expect, test } from 'vitest'
import { LoginThrottle } from './login-throttle.js'

/** A clock that is set by hand. */
function setUp() {
  const clock = { ms: 1000 }
  return { clock, guesses: new LoginThrottle(() => clock.ms) }
}

test('five guesses are free, then each costs twice the wait of the one before, up to a minute', () => {
  const { clock, guesses } = setUp()
  const waits = Array.from({ length: 14 }, () => {
    guesses.begin('192.0.2.1')
    const waitMs = guesses.waitMs('192.0.2.1')
    clock.ms += waitMs
    return waitMs / 1000
  })
  expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60])
})

test('a wait is over when its time has passed, not before', () => {
  const { clock, guesses } = setUp()
  for (let i = 0; i < 6; i++) guesses.begin('192.0.2.1')
  clock.ms += 1999
  expect(guesses.waitMs('192.0.2.1')).toBe(1)
  clock.ms += 1
  expect(guesses.waitMs('192.0.2.1')).toBe(0)
})

test('no address waits for the guesses of another', () => {
  const { guesses } = setUp()
  for (let i = 0; i < 20; i++) guesses.begin('192.0.2.1')
  for (const other of ['192.0.2.2', '2001:db8::1']) expect(guesses.waitMs(other)).toBe(0)
})

test('the addresses of one IPv6 network wait together', () => {
  const { guesses } = setUp()
  for (let i = 1; i <= 9; i++) guesses.begin(`2001:db8:0:1::${i}`)
  expect(guesses.waitMs('2001:db8:0:1:ffff::')).toBe(16_000)
  expect(guesses.waitMs('2001:db8:0:2::1')).toBe(0)
})

test('what was right is no guess, and forgives none of those before it', () => {
  const { clock, guesses } = setUp()
  for (let i = 0; i < 100; i++) {
    guesses.begin('192.0.2.1')
    guesses.forgive('192.0.2.1')
  }
  expect([guesses.waitMs('192.0.2.1'), guesses.size]).toEqual([0, 0])
  for (let i = 0; i < 6; i++) guesses.begin('192.0.2.1')
  clock.ms += 2000
  guesses.begin('192.0.2.1')
  guesses.forgive('192.0.2.1')
  guesses.begin('192.0.2.1')
  expect(guesses.waitMs('192.0.2.1')).toBe(4000)
})

test('guesses are forgotten a quarter of an hour after the last one', () => {
  const { clock, guesses } = setUp()
  for (let i = 0; i < 20; i++) guesses.begin('192.0.2.1')
  clock.ms += 15 * 60_000
  guesses.begin('192.0.2.1')
  expect(guesses.waitMs('192.0.2.1')).toBe(0)
})

test('a client that says the same again is known by it', () => {
  const { guesses } = setUp()
  guesses.begin('192.0.2.1')
  guesses.wrong('192.0.2.1', 'digest')
  expect(guesses.repeats('192.0.2.1', 'digest')).toBe(true)
  expect(guesses.repeats('192.0.2.1', 'another')).toBe(false)
  expect(guesses.repeats('192.0.2.2', 'digest')).toBe(false)
})

test('however many addresses guess, no more than 4096 are remembered, the latest', () => {
  const { guesses } = setUp()
  for (let i = 0; i < 10_000; i++) guesses.begin(`10.0.${i >> 8}.${i & 255}`)
  expect(guesses.size).toBe(4096)
  for (let i = 0; i < 5; i++) guesses.begin('10.0.39.15')
  expect(guesses.waitMs('10.0.39.15')).toBe(2000)
})
