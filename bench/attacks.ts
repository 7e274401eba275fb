import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ATTACKS } from './attacks/all.js'
import { measure, type Measured } from './attacks/measure.js'
import { describe } from './summary.js'

const HELP = `npx tsx bench/attacks.ts [--dist DIR] [--heap MB] [--attack NAME ...] [--seconds N]

Attacks the built program while a viewer watches a camera with 30 frames per second, and measures what that viewer receives.
  --dist DIR     build to attack (default: dist/)
  --heap MB      heap limit of Node.js (--max-old-space-size), as on a small Pi
  --attack NAME  may be repeated (default: all attacks)
  --seconds N    duration of each attack (default: 20)

Attacks, each from a separate process at 127.0.0.2:
${ATTACKS.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`).join('\n')}
`

const COLUMNS = [
  'attack',
  'frames/s before, during, after',
  'longest gap, ms',
  'RSS before, peak, 10 s after, MB',
  'GET /health median, max, ms',
  'alive',
  'sent, MB',
  'responses',
  'own lag, ms',
]
const HEADING = `| ${COLUMNS.join(' | ')} |\n|${COLUMNS.map(() => '---|').join('')}`

const { values } = parseArgs({
  options: {
    dist: { type: 'string' },
    heap: { type: 'string' },
    attack: { type: 'string', multiple: true, default: [] },
    seconds: { type: 'string', default: '20' },
    help: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)
const unknown = values.attack.filter((name) => !ATTACKS.some((attack) => attack.name === name))
if (values.help) console.log(HELP)
else if (unknown.length > 0 || !(seconds > 0 && seconds <= 600)) {
  console.error(HELP)
  process.exitCode = 1
} else await run()

async function run(): Promise<void> {
  const settings = {
    main: values.dist === undefined ? undefined : join(resolve(values.dist), 'main.js'),
    nodeFlags: values.heap === undefined ? [] : [`--max-old-space-size=${values.heap}`],
    seconds,
  }
  const chosen = ATTACKS.filter(({ name }) => values.attack.length === 0 || values.attack.includes(name))
  console.log(`${describe()}, heap ${values.heap ?? 'unlimited'}, ${seconds} s of each attack\n`)
  console.log(HEADING)
  for (const attack of chosen) console.log(rowOf(await measure(attack, settings)))
}

function rowOf({ attack, fps, longestGapMs, rssMb, healthMs, died, tally, ownLagMs }: Measured): string {
  const outcomes = Object.entries(tally.outcomes).map(([outcome, times]) => `${times} x ${outcome}`)
  const cells = [
    attack,
    fps.join(', '),
    longestGapMs,
    rssMb.map((mb) => mb ?? '-').join(', '),
    `${healthMs.median}, ${healthMs.max}`,
    died === undefined ? 'yes' : `**died after ${died.afterS} s: ${died.how}**`,
    (tally.bytesSent / 1e6).toFixed(1),
    outcomes.join(', ') || 'nothing',
    ownLagMs,
  ]
  return `| ${cells.join(' | ')} |`
}
