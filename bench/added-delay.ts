import { spawnSync } from 'node:child_process'
import { captureLoopback } from './load/capture.js'
import { loadProgram, sleep } from './load/external-camera.js'
import { requireOnHost } from './require.js'
import { describe } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 10)
const PACKETS_PER_SECOND = 250
/** That the source sends. */
const PACKET_BYTES = 1170
const FRAME_MS = 33

/**
 * Milliseconds from the arrival of a packet at the program to its departure for the last viewer, captured on the loopback interface,
 * so without the time of the source and of the viewers' process. The program has one core, all other processes the other one.
 * The packets of a frame arrive at once, as from an encoder, so the last one waits for the others.
 */
requireOnHost({ programs: { tcpdump: 'tcpdump', taskset: 'util-linux' }, root: true, cores: 2 })
console.log(
  `${describe()}\n${PACKETS_PER_SECOND} packets/s of ${PACKET_BYTES} bytes, in frames, ${SECONDS} s`,
)
pin(process.pid, '1') // children inherit it
for (const viewers of [1, 8, 32, 100]) {
  await using load = await loadProgram({ viewers, packetsPerSecond: PACKETS_PER_SECOND, burstMs: FRAME_MS })
  pin(load.program.pid, '0')
  const capture = await captureLoopback()
  await sleep(SECONDS * 1000)
  const captured = await capture.stop()
  const arrived = captured.filter(({ port }) => port === load.rtpPort)
  const positions = new Map(arrived.map(({ timestamp }, position) => [timestamp, position]))
  const departed = new Map<number, { count: number; atMs: number }>()
  for (const { port, timestamp: first, bytes, atMs } of captured) {
    const position = positions.get(first)
    if (port === load.rtpPort || position === undefined) continue
    // Packets of one datagram follow each other, and protection makes each a few bytes longer.
    for (const { timestamp } of arrived.slice(position, position + Math.floor(bytes / PACKET_BYTES)))
      departed.set(timestamp, { count: (departed.get(timestamp)?.count ?? 0) + 1, atMs })
  }
  // Without packets in flight when the capture began or ended.
  const whole = arrived.slice(PACKETS_PER_SECOND, -PACKETS_PER_SECOND)
  const delaysMs = whole
    .filter(({ timestamp }) => departed.get(timestamp)?.count === viewers)
    .map(({ timestamp, atMs }) => departed.get(timestamp)!.atMs - atMs)
    .sort((a, b) => a - b)
  const at = (share: number): string => delaysMs[Math.floor(share * (delaysMs.length - 1))]!.toFixed(2)
  console.log(
    `${String(viewers).padStart(3)} viewers: median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms; ` +
      `${delaysMs.length} of ${whole.length} packets reached all of them`,
  )
}

function pin(pid: number, core: string): void {
  const { status } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', core, String(pid)])
  if (status !== 0) throw new Error(`taskset cannot pin process ${pid} to core ${core}`)
}
