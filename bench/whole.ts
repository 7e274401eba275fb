import { readFile } from 'node:fs/promises'
import { Scope } from '../src/lib/scope.js'
import { until } from '../test/support/program.js'
import { startLoad } from './load/child.js'
import { sleep } from './load/external-camera.js'
import { startTwoCameras } from './load/test-cameras.js'
import { rateBetween, usageOf } from './load/usage.js'
import type { Arrived } from './load/viewers.js'
import { describe } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 10)
const VIEWERS = (process.env['VIEWERS'] ?? '0,1,4,8').split(',').map(Number)
/** Until viewers have caught up, and an unwatched camera is read at intervals. */
const SETTLE_MS = 13_000

/**
 * The whole machine with two cameras: CPU share and context switches of each capture process, which contains the encoder, and of
 * the Node.js process, for several numbers of viewers. They are shared out among the cameras.
 */
console.log(`${describe()}, load ${(await readFile('/proc/loadavg', 'utf8')).split(' ')[0]}`)
console.log(`two test pictures of 640x480 at 30 frames/s, ${SECONDS} s; % of a core (context switches/s)`)
console.log(
  'viewers        capture 1        capture 2             Node  packets/s from each camera, to viewers',
)
for (const viewers of VIEWERS) await measure(viewers)

async function measure(viewers: number): Promise<void> {
  await using program = await startTwoCameras(
    '[video]\ncodec = "vp8"\n[webrtc]\nudp-port = $UDP\n[limits]\noffers-per-second = 1000\n',
  )
  const pids = [await program.capturePid(1), await program.capturePid(2), program.pid]
  await using loads = new Scope()
  const shares = [Math.ceil(viewers / 2), Math.floor(viewers / 2)]
  const watching = shares.flatMap((share, i) =>
    share === 0
      ? []
      : [loads.use(startLoad<Arrived>('viewers.ts', `${program.url}/camera${i + 1}/whep`, share))],
  )
  for (const load of watching) await until(async () => (await load.ask()).packets > 0, 60_000)
  await sleep(SETTLE_MS)
  for (const load of watching) await load.ask()
  const sent = async (): Promise<number[]> =>
    Object.values((await program.health()).cameras).map((camera) => camera.packets)
  const sentBefore = await sent()
  const before = await Promise.all(pids.map(usageOf))
  await sleep(SECONDS * 1000)
  const after = await Promise.all(pids.map(usageOf))
  const fromCameras = (await sent()).map((count, i) => ((count - sentBefore[i]!) / SECONDS).toFixed(0))
  let packets = 0
  for (const load of watching) packets += (await load.ask()).packets
  const columns = before.map((usage, i) => {
    const { cpuPercent, switchesPerSecond } = rateBetween(usage, after[i]!)
    return `${cpuPercent.toFixed(1)} (${switchesPerSecond.toFixed(0)})`.padStart(16)
  })
  console.log(
    `${String(viewers).padEnd(7)} ${columns.join(' ')}  ${fromCameras.join(' ')} ${(packets / SECONDS).toFixed(0)}`,
  )
}
