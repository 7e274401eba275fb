import { expect, test } from 'vitest'
import { warmUpMediaPath } from './warm-up.js'

test('the warm-up yields to other work between its bursts', async () => {
  let turns = 0
  let warm = false
  const turn = (): void => {
    turns++
    if (!warm) setImmediate(turn)
  }
  setImmediate(turn)
  await warmUpMediaPath()
  warm = true
  expect(turns).toBeGreaterThanOrEqual(100)
})

test('every packet is protected for every viewer of its round', async () => {
  const [one, two] = [await warmUpMediaPath(1), await warmUpMediaPath(2)]
  expect(one).toBe(1000)
  expect(two).toBe(2000)
})
