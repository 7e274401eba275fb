import { Scope } from '../src/lib/scope.js'
import { startProgram, until } from '../test/support/program.js'
import { startLoad } from './load/child.js'
import { sleep } from './load/external-camera.js'
import { rateBetween, usageOf } from './load/usage.js'
import type { Arrived } from './load/viewers.js'
import { describe, percentile } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 15)
const ROUNDS = Number(process.env['ROUNDS'] ?? 3)
const VIEWERS = Number(process.env['VIEWERS'] ?? 4)
const PATTERN = process.env['PATTERN'] ?? 'ball'
const CODECS = (process.env['CODECS'] ?? 'vp8,h264').split(',')
/** Until viewers have caught up. */
const SETTLE_MS = 5000

const CASES = [
  { name: 'one size', low: 'false', viewers: 0, quality: 'high' },
  { name: 'two sizes', low: '"320x240@15"', viewers: 0, quality: 'high' },
  { name: `one size, ${VIEWERS} viewers`, low: 'false', viewers: VIEWERS, quality: 'high' },
  {
    name: `two sizes, ${VIEWERS} viewers of the large one`,
    low: '"320x240@15"',
    viewers: VIEWERS,
    quality: 'high',
  },
  {
    name: `two sizes, ${VIEWERS} viewers of the small one`,
    low: '"320x240@15"',
    viewers: VIEWERS,
    quality: 'low',
  },
]

interface Cost {
  capture: number
  node: number
  packets: number
}

/** What a second size costs: the CPU of the capture process, which encodes, and of the Node.js process, with and without viewers. */
console.log(describe())
console.log(`640x480 at 30 frames/s, test:${PATTERN}, ${SECONDS} s, median of ${ROUNDS} rounds in turn`)
for (const codec of CODECS) {
  const costs = CASES.map((): Cost[] => [])
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, example] of CASES.entries()) costs[i]!.push(await measure(codec, example))
  for (const [i, { name }] of CASES.entries()) {
    const median = (of: keyof Cost): string =>
      percentile(
        costs[i]!.map((cost) => cost[of]),
        0.5,
      ).toFixed(1)
    console.log(
      `${codec}, ${name}: capture ${median('capture')} %, Node ${median('node')} % of a core, ${median('packets')} packets/s to viewers`,
    )
  }
}

async function measure(codec: string, { low, viewers, quality }: (typeof CASES)[number]): Promise<Cost> {
  await using program = await startProgram({
    tables: `[camera1]\ndevice = "test:${PATTERN}"\nwidth = 640\nheight = 480\nfps = 30\nlow = ${low}\nwebrtc-port = $PORT1
[video]\ncodec = "${codec}"\n[webrtc]\nudp-port = $UDP\n[limits]\noffers-per-second = 1000\n`,
  })
  await until(async () => (await program.health()).status === 'ok', 30_000)
  await using loads = new Scope()
  const url = `${program.url}/camera1/whep?quality=${quality}`
  const load = viewers === 0 ? undefined : loads.use(startLoad<Arrived>('viewers.ts', url, viewers, codec))
  if (load !== undefined) await until(async () => (await load.ask()).packets > 0, 60_000)
  await sleep(SETTLE_MS)
  await load?.ask()
  const pids = [await program.capturePid(1), program.pid]
  const before = await Promise.all(pids.map(usageOf))
  await sleep(SECONDS * 1000)
  const after = await Promise.all(pids.map(usageOf))
  const [capture, node] = before.map((usage, i) => rateBetween(usage, after[i]!).cpuPercent)
  const packets = ((await load?.ask())?.packets ?? 0) / SECONDS
  return { capture: capture!, node: node!, packets }
}
