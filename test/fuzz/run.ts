import { parseArgs } from 'node:util'
import { attack, DOORS } from './fuzz.js'
import { EXITED, openTarget } from './target.js'

const HELP = `npm run fuzz -- [--seed N] [--inputs N] [--door NAME ...]

Attacks the built program at every door, or at those that are named, with inputs that follow from the seed.
  --seed N     begins the same row of inputs again; 1 unless told
  --inputs N   for each door; 2000 unless told
  --door NAME  ${DOORS.map(({ name }) => name).join(', ')}; may be given several times
  --help

After each door: does the program live, is every place free again within the connect limit, does an honest viewer see
the picture, has the memory stayed, does the log speak of no bug? Exit code 1 where one of the answers is no.

The doors:
${DOORS.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join('\n')}
`

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    inputs: { type: 'string', default: '2000' },
    door: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
})
const [seed, inputs] = [Number(values.seed), Number(values.inputs)]
const unknown = values.door.filter((name) => !DOORS.some((door) => door.name === name))
if (values.help) console.log(HELP)
else if (unknown.length > 0 || !Number.isInteger(seed) || !Number.isInteger(inputs) || inputs < 1) {
  console.error(HELP)
  process.exitCode = 1
} else await run()

async function run(): Promise<void> {
  const doors = DOORS.filter(({ name }) => values.door.length === 0 || values.door.includes(name))
  let target = await openTarget()
  for (const door of doors) {
    const { seconds, residentMb, slots, contained, findings } = await attack(target, door, seed, inputs)
    const [before, after] = residentMb
    console.log(
      `${door.name.padEnd(10)} ${inputs} inputs in ${seconds} s, exits ${findings.some((text) => text.startsWith(EXITED)) ? 1 : 0}, ` +
        `rss ${before} -> ${after} MB, slots left ${slots}, contained ${contained}, findings ${findings.length}` +
        `  (--seed ${seed} --inputs ${inputs} --door ${door.name})`,
    )
    for (const finding of findings.slice(0, 5)) console.log(`  ! ${finding.replaceAll('\n', '\n    ')}`)
    if (findings.length === 0) continue
    process.exitCode = 1
    await target[Symbol.asyncDispose]()
    target = await openTarget()
  }
  await target[Symbol.asyncDispose]()
}
