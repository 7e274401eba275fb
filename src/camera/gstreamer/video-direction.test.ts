import { expect, test } from 'vitest'
import { videoDirection } from './video-direction.js'

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
] as const)('%s is video-direction=%s', (method, direction) => expect(videoDirection(method)).toBe(direction))

test.each(['none', 'identity'] as const)('%s needs no element', (method) =>
  expect(videoDirection(method)).toBeUndefined(),
)
