import { expect, test } from 'vitest'
import { ReceptionStats } from './reception-stats.js'

test('a report has the losses since the last one, and all of them', () => {
  const stats = new ReceptionStats()
  expect(stats.nextBlock()).toBeUndefined()
  for (const sequence of [65_534, 65_535, 0, 1]) stats.note(sequence, 0, 0)
  expect(stats.nextBlock()).toMatchObject({ fractionLost: 0, cumulativeLost: 0, highestSequence: 65_537 })
  for (const sequence of [3, 5]) stats.note(sequence, 0, 0)
  expect(stats.nextBlock()).toMatchObject({ fractionLost: 128, cumulativeLost: 2, highestSequence: 65_541 })
  for (const sequence of [4, 6]) stats.note(sequence, 0, 0)
  // One more arrived than was expected: it was late, not lost.
  expect(stats.nextBlock()).toMatchObject({ fractionLost: 0, cumulativeLost: 1 })
})

test('jitter is that of arrival against the timestamps', () => {
  const even = new ReceptionStats()
  const uneven = new ReceptionStats()
  for (let i = 0; i < 100; i++) {
    even.note(i, i * 900, i * 10)
    uneven.note(i, i * 900, i * 10 + (i % 2) * 20)
  }
  expect(even.nextBlock()!.jitter).toBe(0)
  // 20 ms are 1800 ticks.
  expect(uneven.nextBlock()!.jitter).toBeGreaterThan(1700)
})
