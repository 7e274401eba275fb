import { expect, test } from 'vitest'
import { seededRandom } from '../../support/viewer-random.js'
import { fit } from './fit.js'

/** RSS in MB every 5 s: what is there, what leaks, a sawtooth of the garbage collector and chance. */
function memory(minutes: number, leakPerHour: number, seed: number): { atMs: number; value: number }[] {
  const random = seededRandom(seed)
  return Array.from({ length: minutes * 12 }, (_, i) => ({
    atMs: i * 5000,
    value: 90 + (leakPerHour * i * 5) / 3600 + ((i * 7) % 40) / 20 + random() * 2,
  }))
}

test.each([1, 2, 3, 4, 5])('a leak of 10 MB an hour is found within half an hour (seed %i)', (seed) => {
  const { verdict, slopePerHour } = fit(memory(30, 10, seed), 2)
  expect(verdict).toBe('grows')
  expect(slopePerHour).toBeGreaterThan(8)
  expect(slopePerHour).toBeLessThan(12)
})

test.each([1, 2, 3, 4, 5])('a sawtooth and chance are no leak (seed %i)', (seed) => {
  const { verdict, slopePerHour, uncertaintyPerHour } = fit(memory(30, 0, seed), 2)
  expect(verdict).toBe('flat')
  expect(Math.abs(slopePerHour)).toBeLessThan(uncertaintyPerHour + 1)
})

test('a leak of file descriptors, one a minute, is found within ten minutes', () =>
  expect(
    fit(
      Array.from({ length: 120 }, (_, i) => ({ atMs: i * 5000, value: 30 + Math.floor(i / 12) + (i % 3) })),
      3,
    ).verdict,
  ).toBe('grows'))

test('memory that is given back is flat', () => expect(fit(memory(10, -50, 1), 2).verdict).toBe('flat'))

test('a few samples say nothing', () => expect(() => fit(memory(0.5, 0, 1), 2)).toThrow('6 samples'))
