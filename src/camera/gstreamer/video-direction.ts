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
} as const

export type FlipMethod = keyof typeof DIRECTIONS
export type VideoDirection = (typeof DIRECTIONS)[FlipMethod]

/** Every value `flip-method` takes, in the order to show them. */
export const FLIP_METHODS = [
  'none',
  'clockwise',
  'rotate-180',
  'counterclockwise',
  'horizontal-flip',
  'vertical-flip',
  'upper-left-diagonal',
  'upper-right-diagonal',
  'automatic',
  'identity',
  '90r',
  '180',
  '90l',
  'horiz',
  'vert',
  'ul-lr',
  'ur-ll',
  'auto',
] as const satisfies readonly FlipMethod[]

export const isFlipMethod = (text: string): text is FlipMethod => Object.hasOwn(DIRECTIONS, text)

/**
 * The `video-direction` to give videoflip, or undefined where the picture stays as it is and no element is needed.
 * @throws Error with a sentence that lists what would be right.
 */
export function videoDirection(flipMethod: string): VideoDirection | undefined {
  if (!isFlipMethod(flipMethod))
    throw new Error(`"${flipMethod}" is not a flip-method: use one of ${FLIP_METHODS.join(', ')}`)
  const direction = DIRECTIONS[flipMethod]
  return direction === 'identity' ? undefined : direction
}
