import { complaintAbout, SIZES_KB, timesOf } from '../test/stress/parsers/growth.js'
import { CASES } from '../test/stress/parsers/parsers.js'

/**
 * Milliseconds of every parser of untrusted input at each size. Prints the slowest shape of each parser, and every shape whose time
 * grows faster than its input or exceeds the limit. `--all` prints every shape.
 */
const printsAll = process.argv.includes('--all')
const row = (name: string, shape: string, times: readonly number[], remark = ''): string =>
  `| ${name} | ${shape} | ${times.map((ms) => ms.toFixed(2)).join(' | ')} | ${remark}|`

console.log(`| parser | shape | ${SIZES_KB.map((kilobytes) => `${kilobytes} kB`).join(' | ')} | |`)
console.log(`|---|---|${'---|'.repeat(SIZES_KB.length)}---|`)
for (const parser of new Set(CASES.map((one) => one.parser))) {
  const rows: { shape: string; times: number[] }[] = []
  for (const one of CASES.filter((some) => some.parser === parser))
    rows.push({ shape: one.shape, times: await timesOf(one) })
  rows.sort((a, b) => b.times.at(-1)! - a.times.at(-1)!)
  rows.forEach(({ shape, times }, i) => {
    const isWrong = complaintAbout(times) !== undefined
    if (printsAll || isWrong || i === 0)
      console.log(row(parser, shape, times, isWrong ? 'grows too fast ' : ''))
  })
}
