/** A figure over time, and whether it grows. */
export interface Fit {
  /** Units an hour, by least squares. */
  slopePerHour: number
  /** Half the width of the slope's 95 % interval, from the means of blocks: neighbours in time are not independent. */
  uncertaintyPerHour: number
  /** What the slope makes of the time that was looked at. */
  growth: number
  verdict: 'flat' | 'grows'
}

const BLOCKS = 10
/** Student's t for 95 % and 8 degrees of freedom: ten blocks less the two numbers of a line. */
const T_95 = 2.306

/**
 * Fits a line through samples after their warm-up.
 * @param noise growth that is none yet: a cache that fills, an allocator's rounding. It grows when even the lower end of the
 * slope's interval makes more than that of the time looked at.
 * @throws Error for fewer samples than blocks.
 */
export function fit(samples: readonly { atMs: number; value: number }[], noise: number): Fit {
  if (samples.length < BLOCKS) throw new Error(`${samples.length} samples say nothing of a slope`)
  const hours = (atMs: number): number => atMs / 3_600_000
  const blocks = Array.from({ length: BLOCKS }, (_, i) => {
    const [from, to] = [i, i + 1].map((edge) => Math.floor((edge * samples.length) / BLOCKS))
    const block = samples.slice(from, to)
    return { x: mean(block.map(({ atMs }) => hours(atMs))), y: mean(block.map(({ value }) => value)) }
  })
  const [meanX, meanY] = [mean(blocks.map(({ x }) => x)), mean(blocks.map(({ y }) => y))]
  const spreadX = sum(blocks.map(({ x }) => (x - meanX) ** 2))
  const slope = sum(blocks.map(({ x, y }) => (x - meanX) * (y - meanY))) / spreadX
  const residual = sum(blocks.map(({ x, y }) => (y - meanY - slope * (x - meanX)) ** 2))
  const uncertainty = T_95 * Math.sqrt(residual / (BLOCKS - 2) / spreadX)
  const lookedH = hours(samples.at(-1)!.atMs - samples[0]!.atMs)
  return {
    slopePerHour: slope,
    uncertaintyPerHour: uncertainty,
    growth: slope * lookedH,
    verdict: (slope - uncertainty) * lookedH > noise ? 'grows' : 'flat',
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length
