import { expect, test } from 'vitest'
import { openUdpBatches } from '../../udp/open.js'
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
  const [one, two] = [await warmUpMediaPath(undefined, 1), await warmUpMediaPath(undefined, 2)]
  expect(one).toBe(1000)
  expect(two).toBe(2000)
})

test('the path that sends and reads several packets per system call is warmed up, and sends nothing', async () => {
  const { batches } = await openUdpBatches()
  expect(await warmUpMediaPath(batches, 1)).toBe(await warmUpMediaPath(undefined, 1))
})
