import type { FlipMethod } from '../../config/flip-method.js'

/**
 * How `flip-method` turns the picture: the value of videoflip's `video-direction` for each name people write.
 * The first nine are the names of videoflip's older property `method`, deprecated since GStreamer 1.18 but what
 * every tutorial and older configuration uses; the others are the values of `video-direction` itself.
 */
const DIRECTIONS = {
  none: 'identity',
  clockwise: '90r',
  'rotate-180': '180',
  counterclockwise: '90l',
  'horizontal-flip': 'horiz',
  'vertical-flip': 'vert',
  'upper-left-diagonal': 'ul-lr',
  'upper-right-diagonal': 'ur-ll',
  automatic: 'auto',
  identity: 'identity',
  '90r': '90r',
  '180': '180',
  '90l': '90l',
  horiz: 'horiz',
  vert: 'vert',
  'ul-lr': 'ul-lr',
  'ur-ll': 'ur-ll',
  auto: 'auto',
} as const satisfies Record<FlipMethod, string>

export type VideoDirection = (typeof DIRECTIONS)[FlipMethod]

/** The `video-direction` to give videoflip, or undefined where the picture stays as it is and no element is needed. */
export function videoDirection(flipMethod: FlipMethod): VideoDirection | undefined {
  const direction = DIRECTIONS[flipMethod]
  return direction === 'identity' ? undefined : direction
}
