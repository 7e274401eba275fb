import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { attack, ENTRY_POINTS, type Result } from './fuzz.js'
import { MOST_INPUT_MS } from './meter.js'
import { EXITED, openTarget } from './target.js'

const HELP = `npm run fuzz -- [--seed N] [--inputs N] [--entry NAME ...] [--dist DIR]

Attacks the built program at every entry point, or at the named ones, with inputs that follow from the seed.
  --seed N     begins the same row of inputs again; 1 unless told
  --inputs N   for each entry point; 2000 by default
  --entry NAME  ${ENTRY_POINTS.map(({ name }) => name).join(', ')}; may be given several times
  --dist DIR   the build that is attacked; dist/ unless told
  --help

After each entry point: does the program live, is every place free again within the connect limit, does an honest viewer see
the picture, has the memory stayed, does the log speak of no bug, took no input more than ${MOST_INPUT_MS} ms of the event loop? Exit code 1 where one of the answers is no.

The entry points:
${ENTRY_POINTS.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join('\n')}
`

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    inputs: { type: 'string', default: '2000' },
    dist: { type: 'string' },
    entry: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
})
const [seed, inputs] = [Number(values.seed), Number(values.inputs)]
const unknown = values.entry.filter((name) => !ENTRY_POINTS.some((entryPoint) => entryPoint.name === name))
if (values.help) console.log(HELP)
else if (unknown.length > 0 || !Number.isInteger(seed) || !Number.isInteger(inputs) || inputs < 1) {
  console.error(HELP)
  process.exitCode = 1
} else await run()

async function run(): Promise<void> {
  const entryPoints = ENTRY_POINTS.filter(
    ({ name }) => values.entry.length === 0 || values.entry.includes(name),
  )
  const main = values.dist === undefined ? undefined : join(resolve(values.dist), 'main.js')
  let target = await openTarget(main)
  for (const entryPoint of entryPoints) {
    const result = await attack(target, entryPoint, seed, inputs)
    report(result)
    if (result.findings.length === 0) continue
    process.exitCode = 1
    await target[Symbol.asyncDispose]()
    target = await openTarget(main)
  }
  await target[Symbol.asyncDispose]()
}

function report(result: Result): void {
  const { entryPoint, seconds, slots, contained, slowestMs, heldPerByte, bytesSent, entries, findings } =
    result
  const [before, after] = result.residentMb
  console.log(
    `${entryPoint.padEnd(10)} ${inputs} inputs in ${seconds} s, slowest ${slowestMs} ms, held ${heldPerByte.toFixed(2)} B for each of ${bytesSent} B sent, ` +
      `exits ${findings.some((text) => text.startsWith(EXITED)) ? 1 : 0}, rss ${before} -> ${after} MB, slots left ${slots}, ` +
      `contained ${contained}, findings ${findings.length}  (--seed ${seed} --inputs ${inputs} --entry ${entryPoint})`,
  )
  console.log(
    `           ${Object.entries(entries)
      .map(([entry, times]) => `${entry} ${times}`)
      .join(', ')}`,
  )
  for (const finding of findings.slice(0, 5)) console.log(`  ! ${finding.replaceAll('\n', '\n    ')}`)
  if (findings.length > 5) console.log(`  ! and ${findings.length - 5} more`)
}
