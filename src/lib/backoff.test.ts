import { expect, test } from 'vitest'
import { nextWait } from './backoff.js'

test('the wait grows with each failure, up to 10 s', () => {
  const waits: number[] = []
  for (let i = 0, failures = 0; i < 8; i++) {
    const next = nextWait(failures, 0)
    waits.push(next.waitMs)
    failures = next.failures
  }
  expect(waits).toEqual([200, 500, 1000, 2000, 5000, 10_000, 10_000, 10_000])
})

test('an attempt that lasted 5 s is retried at once', () => expect(nextWait(3, 5000).waitMs).toBe(0))

test('an attempt that lasted less than 10 s does not reset the count', () =>
  expect(nextWait(3, 9999)).toEqual({ waitMs: 0, failures: 3 }))

test('an attempt that lasted 10 s resets the count', () => expect(nextWait(3, 10_000).failures).toBe(0))
