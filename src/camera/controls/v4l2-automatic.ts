/** An automatic control, and the values that it decides while it is on. */
interface Automatic {
  /** Names in kernels old and new; a camera has at most one of them. */
  names: readonly string[]
  /** The value that leaves the decision to the user. */
  off: number
  values: readonly string[]
}

/** Controls of the kernel's UVC and sensor drivers (include/uapi/linux/v4l2-controls.h). */
const AUTOMATIC: readonly Automatic[] = [
  {
    names: ['auto_exposure', 'exposure_auto'],
    off: 1, // V4L2_EXPOSURE_MANUAL
    values: ['exposure_time_absolute', 'exposure_absolute', 'exposure', 'iris_absolute'],
  },
  {
    names: ['white_balance_automatic', 'white_balance_temperature_auto', 'auto_white_balance'],
    off: 0,
    values: ['white_balance_temperature', 'red_balance', 'blue_balance'],
  },
  {
    names: ['focus_automatic_continuous', 'focus_auto'],
    off: 0,
    values: ['focus_absolute', 'focus_relative'],
  },
  { names: ['gain_automatic', 'autogain'], off: 0, values: ['gain', 'analogue_gain'] },
  { names: ['hue_automatic', 'hue_auto'], off: 0, values: ['hue'] },
  { names: ['brightness_automatic', 'autobrightness'], off: 0, values: ['brightness'] },
  { names: ['chroma_gain_automatic', 'chroma_agc'], off: 0, values: ['chroma_gain'] },
]

/** Lets a camera with a range of frame rates expose longer than a frame of the highest rate. */
export const DYNAMIC_FRAME_RATE = ['exposure_dynamic_framerate', 'exposure_auto_priority'] as const

/** The automatic control of `value` that this camera has, and the number that switches it off. */
export function automaticOf(
  value: string,
  has: (name: string) => boolean,
): { name: string; off: number } | undefined {
  const found = AUTOMATIC.find(({ values }) => values.includes(value))
  const name = found?.names.find(has)
  return found === undefined || name === undefined ? undefined : { name, off: found.off }
}

const isAutomatic = (name: string): boolean => AUTOMATIC.some(({ names }) => names.includes(name))

/** Automatic controls first: a driver refuses a value while its automatic control is on. */
export const inOrderOfDependency = <T>(values: ReadonlyMap<string, T>): [string, T][] =>
  [...values].sort(([a], [b]) => Number(isAutomatic(b)) - Number(isAutomatic(a)))
