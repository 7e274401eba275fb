import { expect, test } from 'vitest'
import { moved, whole, within, zoomed } from '../../static/zoom.js'

const size = { width: 400, height: 300 }

test('the point under the pointer stays where it is', () => {
  const at = { x: 120, y: -80 }
  const view = zoomed(zoomed(whole, 2, at, size), 1.5, at, size)
  // The point of the picture that is shown at `at`, relative to the picture's centre.
  expect([(at.x - view.x) / view.scale, (at.y - view.y) / view.scale]).toEqual([120, -80])
  expect(view.scale).toBe(3)
})

test('zooming out ends at the whole picture, zooming in at eight times', () => {
  expect(zoomed({ scale: 1.2, x: 30, y: 10 }, 0.1, { x: 50, y: 50 }, size)).toEqual(whole)
  expect(zoomed(whole, 100, { x: 0, y: 0 }, size).scale).toBe(8)
})

test('the picture covers the tile, however far it is dragged', () => {
  const view = zoomed(whole, 2, { x: 0, y: 0 }, size)
  expect(moved(view, { x: 10_000, y: -10_000 }, size)).toEqual({ scale: 2, x: 200, y: -150 })
  expect(moved(whole, { x: 50, y: 50 }, size)).toEqual(whole)
})

test('a smaller tile keeps the scale', () =>
  expect(within({ scale: 2, x: 200, y: 0 }, { width: 100, height: 75 })).toEqual({ scale: 2, x: 50, y: 0 }))
