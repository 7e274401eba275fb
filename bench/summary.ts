import { cpus } from 'node:os'

/** The machine and date of a figure. */
export const describe = (): string =>
  `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`

/** @param fraction 0.95 for the 95th percentile */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? NaN
}

/** Median, 95th percentile and range of figures, rounded. */
export function summary(values: readonly number[]): string {
  const [median, high, least, most] = [0.5, 0.95, 0, 1].map((at) => Math.round(percentile(values, at)))
  return `median ${median}, p95 ${high}, from ${least} to ${most} (n=${values.length})`
}
