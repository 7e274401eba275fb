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
  expect(turns).toBeGreaterThanOrEqual(30)
})
