import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe } from './summary.js'

/** Milliseconds of commands that start no server, beside Node.js itself. Run `npm run build` first. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 15)
const LIMIT_MS = 150

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'rpi-webrtc-startup-'))
const wrong = join(folder, 'wrong.toml')
writeFileSync(wrong, '[camera1]\ndevice = "test:ball"\nwidth = 33\n')

const CASES: { name: string; args: string[]; exitCode: number }[] = [
  { name: 'bare node', args: ['-e', '0'], exitCode: 0 },
  { name: '--version', args: [program, '--version'], exitCode: 0 },
  { name: '--help', args: [program, '--help'], exitCode: 0 },
  { name: 'an unknown flag', args: [program, '--confg', 'a.toml'], exitCode: 78 },
  { name: 'a wrong configuration', args: [program, '--config', wrong], exitCode: 78 },
]

function timeOf({ name, args, exitCode }: (typeof CASES)[number]): number {
  const startedMs = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const ms = performance.now() - startedMs
  if (status !== exitCode) throw new Error(`${name}: exit code ${status}, not ${exitCode}: ${stderr}`)
  return ms
}

const times = CASES.map(() => [] as number[])
try {
  for (const one of CASES) timeOf(one) // fills the page cache
  // In turn, so that other load of the machine affects all of them.
  for (let round = 0; round < ROUNDS; round++) CASES.forEach((one, i) => times[i]!.push(timeOf(one)))
} finally {
  rmSync(folder, { recursive: true })
}

console.log(`${describe()}, ${ROUNDS} runs; the limit is ${LIMIT_MS} ms\n`)
console.log('| command | median ms | fastest ms | slowest ms |')
console.log('|---|---|---|---|')
CASES.forEach(({ name }, i) => {
  const sorted = times[i]!.sort((a, b) => a - b)
  const at = (index: number): string => sorted[index]!.toFixed(0)
  console.log(`| ${name} | ${at(ROUNDS >> 1)} | ${at(0)} | ${at(ROUNDS - 1)} |`)
})
