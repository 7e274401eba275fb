import { expect, test } from 'vitest'
import { NoShows } from './no-shows.js'

function setUp() {
  const clock = { ms: 1000 }
  return { clock, noShows: new NoShows(() => clock.ms) }
}

test('a network whose sessions never connect has half the time for each next one, and never less than 3.5 seconds', () => {
  const { noShows } = setUp()
  const times = Array.from({ length: 4 }, () => {
    const reservedMs = noShows.reservedMs('192.0.2.1')
    noShows.note('192.0.2.1')
    return reservedMs
  })
  expect(times).toEqual([5000, 3500, 3500, 3500])
  expect([noShows.reservedMs('192.0.2.2'), noShows.has('192.0.2.2')]).toEqual([5000, false])
})

test('it is forgotten a minute after the last one, or when a session connects', () => {
  const { clock, noShows } = setUp()
  noShows.note('192.0.2.1')
  clock.ms += 59_999
  expect(noShows.has('192.0.2.1')).toBe(true)
  clock.ms += 1
  expect([noShows.has('192.0.2.1'), noShows.reservedMs('192.0.2.1')]).toEqual([false, 5000])
  noShows.note('192.0.2.1')
  noShows.forgive('192.0.2.1')
  expect(noShows.has('192.0.2.1')).toBe(false)
})

test('any number of sessions in a row is a number', () => {
  const { noShows } = setUp()
  for (let i = 0; i < 5000; i++) noShows.note('192.0.2.1')
  expect(noShows.reservedMs('192.0.2.1')).toBe(3500)
})
