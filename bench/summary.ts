import { cpus } from 'node:os'

/** The machine and date of a figure. */
export const describe = (): string =>
  `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`

/** Median and range of figures, rounded. */
export function summary(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (fraction: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))]!)
  return `median ${at(0.5)}, from ${at(0)} to ${at(1)} (n=${values.length})`
}
