import { expect, test } from 'vitest'
import { reconnectDelayMs } from './reconnect-delay.js'

test('each failure doubles the wait, up to half a minute', () =>
  expect([1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => reconnectDelayMs(failures, undefined, 1))).toEqual([
    500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
  ]))

test('jitter takes at most half of the wait', () => {
  expect(reconnectDelayMs(3, undefined, 0)).toBe(1000)
  expect(reconnectDelayMs(3, undefined, 0.5)).toBe(1500)
})

test('what the server asks for is never undercut', () => {
  expect(reconnectDelayMs(1, 7000, 0)).toBe(7000)
  expect(reconnectDelayMs(1, 7000, 1)).toBe(7500)
  expect(reconnectDelayMs(8, 7000, 1)).toBe(30_000)
})
