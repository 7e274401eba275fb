import { expect, test } from 'vitest'
import { FLIP_METHODS, isFlipMethod, videoDirection } from './video-direction.js'

test.each([
  ['clockwise', '90r'],
  ['rotate-180', '180'],
  ['counterclockwise', '90l'],
  ['horizontal-flip', 'horiz'],
  ['vertical-flip', 'vert'],
  ['upper-left-diagonal', 'ul-lr'],
  ['upper-right-diagonal', 'ur-ll'],
  ['automatic', 'auto'],
  ['90r', '90r'],
])('%s turns the picture by video-direction=%s', (method, direction) =>
  expect(videoDirection(method)).toBe(direction),
)

test.each(['none', 'identity'])('%s needs no element', (method) =>
  expect(videoDirection(method)).toBeUndefined(),
)

test('every listed method is taken', () => {
  for (const method of FLIP_METHODS) expect(isFlipMethod(method)).toBe(true)
})

test.each(['upside-down', 'toString', ''])(
  '"%s" is not a method, and the sentence says what is',
  (method) => {
    expect(isFlipMethod(method)).toBe(false)
    expect(() => videoDirection(method)).toThrow('rotate-180')
  },
)
