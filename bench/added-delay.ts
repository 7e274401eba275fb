import { spawnSync } from 'node:child_process'
import { captureLoopback } from './load/capture.js'
import { loadProgram, sleep } from './load/external-camera.js'
import { describe } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 10)
const PACKETS_PER_SECOND = 250
const FRAME_MS = 33

/**
 * Time from a packet's arrival for the program to its departure for the last of the viewers, in milliseconds, as the kernel
 * sees them pass on the loopback interface: neither the source's time nor that of the viewers' process is in it. The program
 * has one core, all others the other. A frame's packets come at once, as they do from an encoder, so the last of them waits for
 * the others. Needs root.
 */
console.log(`${describe()}\n${PACKETS_PER_SECOND} packets/s of 1170 bytes, in frames, ${SECONDS} s`)
pin(process.pid, '1') // and so the children
for (const viewers of [1, 8, 32, 100]) {
  await using load = await loadProgram({ viewers, packetsPerSecond: PACKETS_PER_SECOND, burstMs: FRAME_MS })
  pin(load.program.pid, '0')
  const capture = await captureLoopback()
  await sleep(SECONDS * 1000)
  const captured = await capture.stop()
  const cameIn = captured.filter(({ port }) => port === load.rtpPort)
  const wentOut = new Map<number, { count: number; atMs: number }>()
  for (const { port, timestamp, atMs } of captured)
    if (port !== load.rtpPort)
      wentOut.set(timestamp, { count: (wentOut.get(timestamp)?.count ?? 0) + 1, atMs })
  // What was on its way when the capture began or ended is not counted.
  const whole = cameIn.slice(PACKETS_PER_SECOND, -PACKETS_PER_SECOND)
  const delaysMs = whole
    .filter(({ timestamp }) => wentOut.get(timestamp)?.count === viewers)
    .map(({ timestamp, atMs }) => wentOut.get(timestamp)!.atMs - atMs)
    .sort((a, b) => a - b)
  const at = (share: number): string => delaysMs[Math.floor(share * (delaysMs.length - 1))]!.toFixed(2)
  console.log(
    `${String(viewers).padStart(3)} viewers: median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms; ` +
      `${delaysMs.length} of ${whole.length} packets went to all of them`,
  )
}

function pin(pid: number, core: string): void {
  const { status } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', core, String(pid)])
  if (status !== 0) throw new Error('taskset (util-linux) did not work: are there two cores?')
}
