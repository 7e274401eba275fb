import { readFile } from 'node:fs/promises'
import { loadProgram, sleep } from './load/external-camera.js'
import { describe, summary } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 10)
const ROUNDS = Number(process.env['ROUNDS'] ?? 3)
const TICK_US = 10_000

/**
 * CPU of the program per packet delivered to a viewer, in microseconds, user and system. The source and the viewers are
 * processes of their own, and the viewers count packets instead of decrypting them.
 */
console.log(describe())
for (const [viewers, packetsPerSecond] of [
  [4, 1000],
  [32, 250],
] as const) {
  console.log(`${viewers} viewers, ${packetsPerSecond} packets/s of 1170 bytes, ${SECONDS} s`)
  const costsUs: number[] = []
  for (let round = 0; round < ROUNDS; round++) costsUs.push(await measureUs(viewers, packetsPerSecond))
  console.log(`CPU per packet delivered, us: ${summary(costsUs)}`)
}

async function measureUs(viewers: number, packetsPerSecond: number): Promise<number> {
  await using load = await loadProgram({ viewers, packetsPerSecond, burstMs: 5 })
  const { pid } = load.program
  const figures = async (): Promise<[cpuUs: number, arrived: number, sent: number]> => {
    const [cpuUs, arrived, sent] = await Promise.all([cpuUsOf(pid), load.viewers.ask(), load.source.ask()])
    return [cpuUs, arrived.packets, sent.length]
  }
  const [cpuUs] = await figures()
  await sleep(SECONDS * 1000)
  const [cpuUsAfter, arrived, sent] = await figures()
  const rss = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))![1]
  const costUs = (cpuUsAfter - cpuUs) / arrived
  const delivered = ((100 * arrived) / (sent * viewers)).toFixed(1)
  console.log(
    `  ${costUs.toFixed(1)} us per packet, delivered ${delivered} %, ${Math.round(Number(rss) / 1000)} MB`,
  )
  return costUs
}

/** The kernel counts in ticks of 10 ms. */
async function cpuUsOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_US
}
