import type { FlipMethod } from '../../config/flip-method.js'

/**
 * videoflip's `video-direction` for each `flip-method`. The first nine are names of the property `method`, deprecated since
 * GStreamer 1.18 but common in tutorials and older configurations.
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

export function videoDirection(flipMethod: FlipMethod): VideoDirection | undefined {
  const direction = DIRECTIONS[flipMethod]
  return direction === 'identity' ? undefined : direction
}

/** After a queue, so that dropped frames are not flipped. */
export function flip({ flipMethod }: { flipMethod: FlipMethod }): string[][] {
  const direction = videoDirection(flipMethod)
  return direction === undefined ? [] : [['videoflip', `video-direction=${direction}`]]
}
