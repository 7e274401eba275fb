import { expect, test } from 'vitest'
import { warmUpMediaPath } from './warm-up.js'

test('the media path warms up in slices between which everybody else has a turn', async () => {
  let turns = 0
  let warm = false
  const takeTurn = (): void => {
    turns++
    if (!warm) setImmediate(takeTurn)
  }
  setImmediate(takeTurn)
  await warmUpMediaPath()
  warm = true
  expect(turns).toBeGreaterThanOrEqual(100)
})

test('every packet goes all the way, for every viewer of its crowd', async () => {
  const [one, two] = [await warmUpMediaPath(1), await warmUpMediaPath(2)]
  expect(one).toBe(1000)
  expect(two).toBe(2000)
})
