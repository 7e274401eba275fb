import { expect, test } from 'vitest'
import { inOrder, moved } from '../../static/tile-order.js'

const cameras = ['camera1', 'camera2', 'camera3'].map((key) => ({ key }))
const keys = (order: string[]): string[] => inOrder(cameras, order).map(({ key }) => key)

test('cameras have the chosen order; those that are new to it come last', () => {
  expect(keys([])).toEqual(['camera1', 'camera2', 'camera3'])
  expect(keys(['camera3', 'camera1', 'camera2'])).toEqual(['camera3', 'camera1', 'camera2'])
  expect(keys(['camera3'])).toEqual(['camera3', 'camera1', 'camera2'])
  expect(keys(['camera9', 'camera2', 'camera2'])).toEqual(['camera2', 'camera1', 'camera3'])
  expect(cameras.map(({ key }) => key)).toEqual(['camera1', 'camera2', 'camera3'])
})

test.each([
  [0, 2, 'bca'],
  [2, 0, 'cab'],
  [1, 2, 'acb'],
  [1, 1, 'abc'],
])('moved from %i to %i', (from, to, result) =>
  expect(moved(['a', 'b', 'c'], from, to).join('')).toBe(result),
)
