/** The values of `flip-method`, in the order of messages. */
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
] as const

/** Without other names of the same, and without those that follow tags of a stream. */
export const USUAL_FLIP_METHODS: readonly FlipMethod[] = FLIP_METHODS.slice(0, 8)

export type FlipMethod = (typeof FLIP_METHODS)[number]
