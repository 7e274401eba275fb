import type { CaseResult } from '../events.js'

/** A table of all cases, and a line that counts them. */
export function report(results: ReadonlyMap<string, CaseResult>): string[] {
  const rows = [...results].map(([name, result]) => [
    name,
    result.verdict,
    `${Math.round(result.tookS)} s`,
    saw(result),
  ])
  const table = [['case', 'verdict', 'time', 'seen'], ...rows]
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]!.length)))
  const lines = table.map(
    ([name, verdict, time, seen]) =>
      `${name!.padEnd(widths[0]!)}  ${verdict!.padEnd(widths[1]!)}  ${time!.padStart(widths[2]!)}  ${seen!}`,
  )
  const count = (verdict: CaseResult['verdict']): number =>
    [...results.values()].filter((result) => result.verdict === verdict).length
  return [
    ...lines,
    `${count('passed')} passed, ${count('failed')} failed, ${count('impossible')} not possible with these versions`,
  ]
}

/** @returns false for a run without cases: it proves nothing. */
export const isGood = (results: ReadonlyMap<string, CaseResult>): boolean =>
  [...results.values()].some(({ verdict }) => verdict === 'passed') &&
  [...results.values()].every(({ verdict }) => verdict !== 'failed')

function saw(result: CaseResult): string {
  switch (result.verdict) {
    case 'passed':
      return result.seen
    case 'failed':
      return result.problem
    case 'impossible':
      return result.reason
  }
}
