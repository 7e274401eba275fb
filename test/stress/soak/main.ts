import { describe } from '../../../bench/summary.js'
import { soak } from './soak.js'

/** main.ts [--minutes N] [--seed S]: exit code 1 when something does not reconcile or grows. */
const argument = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(name)
  return at === -1 ? otherwise : Number(process.argv[at + 1])
}
const minutes = argument('--minutes', 2)
const seed = argument('--seed', 1)

const { problems, fits, figures } = await soak(minutes * 60, seed)
console.log(`${describe()}, ${minutes} minutes`)
for (const [name, figure] of Object.entries(figures)) console.log(`${name.padEnd(26)} ${figure}`)
console.log('\n| after warm-up | first | last | slope an hour | verdict |\n|---|---|---|---|---|')
for (const [name, { first, last, slopePerHour, uncertaintyPerHour, verdict }] of Object.entries(fits)) {
  const slope = `${slopePerHour.toFixed(1)} ± ${uncertaintyPerHour.toFixed(1)}`
  console.log(`| ${name} | ${first.toFixed(1)} | ${last.toFixed(1)} | ${slope} | ${verdict} |`)
}
console.log(problems.length === 0 ? '\nall counters reconcile, nothing grows' : `\n${problems.join('\n')}`)
process.exitCode = problems.length === 0 ? 0 : 1
