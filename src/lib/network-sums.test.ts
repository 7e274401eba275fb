import { expect, test } from 'vitest'
import { NetworkSums } from './network-sums.js'

test('amounts are summed in total and by network', () => {
  const sums = new NetworkSums()
  sums.add('a', 2)
  sums.add('b', 3)
  sums.add('a', -1)
  expect([sums.total, sums.of('a'), sums.of('b'), sums.of('c')]).toEqual([4, 1, 3, 0])
  sums.add('a', -1)
  sums.add('b', -3)
  expect([sums.total, sums.of('a'), sums.of('b')]).toEqual([0, 0, 0])
})
