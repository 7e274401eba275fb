import { readdir, readFile } from 'node:fs/promises'
import { Scope } from '../src/lib/scope.js'
import { until } from '../test/support/program.js'
import { startLoad } from './load/child.js'
import { sleep } from './load/external-camera.js'
import { startTwoCameras } from './load/test-cameras.js'
import { rateBetween, usageOf } from './load/usage.js'
import type { Arrived } from './load/viewers.js'
import { describe } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 10)
const VIEWERS = 2
/** Until V8 has compiled what runs regularly, the warm-up is over, and unwatched cameras are read slowly. */
const SETTLE_MS = 13_000

/**
 * What two running cameras cost while nobody watches, and after viewers have left, as a page does that is hidden: wake-ups (voluntary
 * context switches of all threads) and CPU time of the Node.js process and of the capture processes.
 */
console.log(`${describe()}, load ${(await readFile('/proc/loadavg', 'utf8')).split(' ')[0]}`)
await using program = await startTwoCameras('[webrtc]\nudp-port = $UDP\n')
const captures = [await program.capturePid(1), await program.capturePid(2)]
const packets = async (): Promise<number> => {
  const { cameras } = await program.health()
  return Object.values(cameras).reduce((sum, camera) => sum + camera.packets, 0)
}
await measure('nobody watches')
{
  await using loads = new Scope()
  for (const camera of [1, 2])
    loads.use(startLoad<Arrived>('viewers.ts', `${program.url}/camera${camera}/whep`, VIEWERS))
  await until(async () => (await viewers()) === 2 * VIEWERS, 30_000)
  await measure(`${VIEWERS} viewers of each camera`)
}
await until(async () => (await viewers()) === 0, 40_000)
await measure('they have left')

async function viewers(): Promise<number> {
  const { cameras } = await program.health()
  return Object.values(cameras).reduce((sum, camera) => sum + camera.viewers, 0)
}

async function measure(title: string): Promise<void> {
  await sleep(SETTLE_MS)
  const pids = [program.pid, ...captures]
  const packetsBefore = await packets()
  const before = await Promise.all(pids.map(usageOf))
  const threadsBefore = await threadWakeUps(program.pid)
  await sleep(SECONDS * 1000)
  const after = await Promise.all(pids.map(usageOf))
  const threads = await threadWakeUps(program.pid)
  const perSecond = ((await packets()) - packetsBefore) / SECONDS
  console.log(`${title}: ${perSecond.toFixed(0)} packets/s from the cameras, ${SECONDS} s`)
  for (const [i, name] of ['Node', 'capture 1', 'capture 2'].entries()) {
    const { cpuPercent, wakeUpsPerSecond, switchesPerSecond } = rateBetween(before[i]!, after[i]!)
    console.log(
      `  ${name.padEnd(10)} ${wakeUpsPerSecond.toFixed(0).padStart(5)} wake-ups/s, ${switchesPerSecond.toFixed(0).padStart(5)} context switches/s, ${cpuPercent.toFixed(1)} % of a core`,
    )
  }
  const most = Array.from(threads, ([name, count]): [string, number] => [
    name,
    (count - (threadsBefore.get(name) ?? 0)) / SECONDS,
  ]).filter(([, count]) => count >= 0.5)
  console.log(`  threads of Node: ${most.map(([name, count]) => `${name} ${count.toFixed(0)}/s`).join(', ')}`)
}

async function threadWakeUps(pid: number): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const status = await readFile(`/proc/${pid}/task/${thread}/status`, 'utf8').catch(() => '')
    const name = /^Name:\s+(.*)$/m.exec(status)?.[1] ?? thread
    const count = Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0)
    counts.set(name, (counts.get(name) ?? 0) + count)
  }
  return counts
}
