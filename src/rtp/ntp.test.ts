import { expect, test } from 'vitest'
import { ntpMiddleOf, ntpMsOf, readNtpMs, writeNtp } from './ntp.js'

/** 1970-01-01 00:00:01.25 UTC. */
const WALL_MS = 1250

test('an NTP timestamp has seconds since 1900 and a 32-bit fraction', () => {
  const bytes = Buffer.alloc(10)
  writeNtp(bytes, 1, WALL_MS)
  expect(bytes.toString('hex')).toBe('0083aa7e814000000000')
  expect(readNtpMs(bytes, 1)).toBe(ntpMsOf(WALL_MS))
})

test('the middle bits are the low half of the seconds and the high half of the fraction', () =>
  expect(ntpMiddleOf(WALL_MS).toString(16)).toBe('7e814000'))

test('NTP time wraps in 2036', () => {
  expect(ntpMsOf(Date.UTC(2036, 1, 7, 6, 28, 16))).toBe(0)
  expect(ntpMsOf(Date.UTC(2036, 1, 7, 6, 28, 15))).toBe((2 ** 32 - 1) * 1000)
})
