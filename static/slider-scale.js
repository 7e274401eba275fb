// @ts-check
/** Positions of a slider for the values of a control. Pure. */

/**
 * @typedef {object} Scale
 * @property {number} min of the positions
 * @property {number} max
 * @property {number} step
 * @property {(value: number) => number} positionOf
 * @property {(position: number) => number} valueAt
 */

/** From this ratio of maximum to minimum a linear slider would have the useful values in its first pixels. */
const logarithmicFrom = 50
const logarithmicPositions = 240
const stepsWithoutStep = 200

/**
 * @param {{ type: string, min?: number, max?: number, step?: number }} control
 * @returns {Scale | undefined} undefined: no slider
 */
export function scaleOf({ type, min, max, step }) {
  if (min === undefined || max === undefined || !(min < max)) return undefined
  const smallest = step && step > 0 ? step : type === 'integer' ? 1 : undefined
  const clamp = (/** @type {number} */ value) => Math.min(max, Math.max(min, value))
  if (min > 0 && max / min >= logarithmicFrom) return logarithmic(min, max, smallest)
  const linear = smallest ?? 10 ** Math.floor(Math.log10((max - min) / stepsWithoutStep))
  return {
    min,
    max,
    step: linear,
    positionOf: clamp,
    valueAt: (position) => clamp(onStep(position, min, linear)),
  }
}

/**
 * Every position has a value of its own; otherwise an arrow key could move the slider without changing the value.
 * @param {number} min
 * @param {number} max
 * @param {number | undefined} step
 * @returns {Scale}
 */
function logarithmic(min, max, step) {
  const ratio = max / min
  const values = Array.from({ length: logarithmicPositions - 1 }, (_, i) => {
    const value = min * ratio ** ((i + 1) / logarithmicPositions)
    return Math.min(max, onStep(Number(value.toPrecision(3)), min, step))
  })
  const distinct = [...new Set([min, ...values, max])]
  return {
    min: 0,
    max: distinct.length - 1,
    step: 1,
    valueAt: (position) => distinct[Math.round(position)] ?? max,
    positionOf: (value) => {
      const next = distinct.findIndex((candidate) => candidate >= value)
      if (next === -1) return distinct.length - 1
      const [below = min, above = min] = [distinct[next - 1], distinct[next]]
      return next > 0 && value - below < above - value ? next - 1 : next
    },
  }
}

/** The nearest value that is a whole number of steps from the minimum, without the noise of binary fractions. @param {number} value @param {number} min @param {number | undefined} step */
function onStep(value, min, step) {
  if (step === undefined) return value
  const exact = min + Math.round((value - min) / step) * step
  return Number(exact.toFixed(decimalsOf(step, min)))
}

/** @param {number[]} numbers */
function decimalsOf(...numbers) {
  const decimals = numbers.map((number) => {
    const [digits = '', exponent = '0'] = String(number).split('e')
    return Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(exponent))
  })
  return Math.min(10, Math.max(...decimals))
}
