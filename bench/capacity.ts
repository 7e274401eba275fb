import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureAddedDelay, PACKETS_PER_SECOND, quantile, requireCapture } from './load/added-delay.js'
import { describe } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 10)
const FIRST = 100
const STEP = Number(process.env['STEP'] ?? 50)
const MOST_P99_MS = 20
/** Of functions with the most time. */
const LINES = 15

/** How many viewers one core carries: more and more, until p99 of the added delay is above 20 ms or a packet is lost. Then where its time goes. */
requireCapture()
console.log(`${describe()}\n${PACKETS_PER_SECOND} packets/s, in frames, ${SECONDS} s`)
let viewers = FIRST
while (await carries(viewers)) viewers += STEP
console.log(`time of the program with ${viewers} viewers:`)
for (const line of await profile(viewers)) console.log(line)

async function carries(viewers: number): Promise<boolean> {
  const measured = await measureAddedDelay(viewers, SECONDS)
  const { delaysMs, packets } = measured
  const p99Ms = quantile(measured, 0.99)
  console.log(
    `${viewers} viewers: median ${quantile(measured, 0.5).toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ` +
      `${packets - delaysMs.length} of ${packets} packets lost for at least one viewer`,
  )
  return delaysMs.length === packets && p99Ms <= MOST_P99_MS
}

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[]
  samples: number[]
}

async function profile(viewers: number): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-profile-'))
  try {
    await measureAddedDelay(viewers, SECONDS, ['--cpu-prof', `--cpu-prof-dir=${folder}`])
    const [file] = await readdir(folder)
    return sharesOf(JSON.parse(await readFile(join(folder, file!), 'utf8')) as CpuProfile)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Of samples that are not idle. */
function sharesOf({ nodes, samples }: CpuProfile): string[] {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url } }) => [
      id,
      `${functionName || '(anonymous)'} ${url.replace(/^.*\/(?=dist\/|node_modules\/)/, '')}`.trim(),
    ]),
  )
  const counts = new Map<string, number>()
  for (const id of samples) counts.set(names.get(id)!, (counts.get(names.get(id)!) ?? 0) + 1)
  const idle = counts.get('(idle)') ?? 0
  counts.delete('(idle)')
  const busy = samples.length - idle
  return [
    `busy ${((100 * busy) / samples.length).toFixed(0)} %`,
    ...[...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, LINES)
      .map(([name, count]) => `${((100 * count) / busy).toFixed(1).padStart(5)} %  ${name}`),
  ]
}
