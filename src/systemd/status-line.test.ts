import { expect, test } from 'vitest'
import { statusLine, type CameraStatusFacts } from './status-line.js'

const camera = (number: number, state: CameraStatusFacts['state'], message?: string): CameraStatusFacts => ({
  key: `camera${number}`,
  state,
  ...(message !== undefined && { message }),
})

test.each<[CameraStatusFacts[], number, string]>([
  [[camera(1, 'live'), camera(2, 'live')], 3, '2 cameras live, 3 viewers'],
  [[camera(1, 'live')], 1, '1 camera live, 1 viewer'],
  [[camera(1, 'starting'), camera(2, 'live')], 0, '1 of 2 cameras live, 1 starting, 0 viewers'],
  [[camera(1, 'idle')], 0, '0 of 1 camera live, 1 idle (on demand), 0 viewers'],
  [
    [camera(1, 'live'), camera(2, 'lost', 'There is no /dev/video99.'), camera(3, 'lost')],
    2,
    '1 of 3 cameras live, 2 viewers; camera2 fails: There is no /dev/video99; camera3 fails: lost',
  ],
])('the status of %j with %i viewers', (cameras, viewers, line) =>
  expect(statusLine(cameras, viewers)).toBe(line),
)

test('a status is cut to 500 characters', () =>
  expect(statusLine([camera(1, 'lost', 'x'.repeat(9000))], 0).length).toBe(500))
