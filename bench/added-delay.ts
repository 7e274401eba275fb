import { spawnSync } from 'node:child_process'
import { loadProgram, sleep } from './load/external-camera.js'
import { describe } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 10)
const PACKETS_PER_SECOND = 250
const FRAME_MS = 33

/**
 * Time from a packet's sending by the camera's pipeline to its arrival at the last of the viewers, in milliseconds: the kernel,
 * the program and the turn of the viewers' own process are in it. The program has one core, source and viewers the other.
 * A frame's packets come at once, as they do from an encoder, so the last of them waits for the others.
 */
console.log(`${describe()}\n${PACKETS_PER_SECOND} packets/s of 1170 bytes, in frames, ${SECONDS} s`)
pin(process.pid, '1') // and so the children
for (const viewers of [1, 8, 32, 100]) {
  await using load = await loadProgram({ viewers, packetsPerSecond: PACKETS_PER_SECOND, burstMs: FRAME_MS })
  pin(load.program.pid, '0')
  await load.viewers.ask()
  await load.source.ask() // second: whatever is sent from now on is seen to arrive
  await sleep(SECONDS * 1000)
  const sent = await load.source.ask()
  await sleep(500)
  const { lastAtMs, packets } = await load.viewers.ask()
  const arrivals = new Map(lastAtMs.map(([timestamp, count, atMs]) => [timestamp, { count, atMs }]))
  const complete = sent.filter(([timestamp]) => arrivals.get(timestamp)?.count === viewers)
  const delaysMs = complete
    .map(([timestamp, sentAtMs]) => arrivals.get(timestamp)!.atMs - sentAtMs)
    .sort((a, b) => a - b)
  const at = (share: number): string => delaysMs[Math.floor(share * (delaysMs.length - 1))]!.toFixed(2)
  console.log(
    `${String(viewers).padStart(3)} viewers: median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms; ` +
      `${complete.length} of ${sent.length} packets arrived everywhere, ${packets} in all`,
  )
}

function pin(pid: number, core: string): void {
  const { status } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', core, String(pid)])
  if (status !== 0) throw new Error('taskset (util-linux) did not work: are there two cores?')
}
