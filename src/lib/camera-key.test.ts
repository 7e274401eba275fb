import { expect, test } from 'vitest'
import { isCameraKey } from './camera-key.js'

test.each(['camera1', 'camera9', 'camera10', 'camera99'])('%s is a camera key', (name) =>
  expect(isCameraKey(name)).toBe(true),
)

test.each(['camera', 'camera0', 'camera01', 'camera100', 'Camera1', 'camera1 ', 'xcamera1'])(
  '%j is no camera key',
  (name) => expect(isCameraKey(name)).toBe(false),
)
