import { spawnSync } from 'node:child_process'
import { requireOnHost } from '../require.js'
import { captureLoopback } from './capture.js'
import { loadProgram, sleep } from './external-camera.js'

export const PACKETS_PER_SECOND = 250
/** That the source sends. */
export const PACKET_BYTES = 1170
const FRAME_MS = 33

export interface AddedDelay {
  /** Of each packet that left for all viewers, in ascending order. */
  delaysMs: number[]
  /** That arrived. */
  packets: number
}

/** The value below which a share of the delays is. */
export const quantile = ({ delaysMs }: AddedDelay, share: number): number =>
  delaysMs[Math.floor(share * (delaysMs.length - 1))] ?? NaN

export function requireCapture(): void {
  requireOnHost({ programs: { tcpdump: 'tcpdump', taskset: 'util-linux' }, root: true, cores: 2 })
}

/**
 * Milliseconds from the arrival of a packet at the program, for its first camera, to its departure for the last viewer of all cameras,
 * captured on the loopback interface, so without the time of the source and of the viewers' process. The program has one core, all
 * other processes the other one. The packets of a frame arrive at once, as from an encoder, so the last one waits for the others.
 */
export async function measureAddedDelay(
  viewers: number,
  seconds: number,
  nodeFlags: string[] = [],
): Promise<AddedDelay> {
  pin(process.pid, '1') // children inherit it
  await using load = await loadProgram({
    viewers,
    packetsPerSecond: PACKETS_PER_SECOND,
    burstMs: FRAME_MS,
    nodeFlags,
  })
  pin(load.program.pid, '0')
  const capture = await captureLoopback()
  await sleep(seconds * 1000)
  const captured = await capture.stop()
  const [firstPort] = load.rtpPorts
  const arrived = captured.filter(({ port }) => port === firstPort)
  const positions = new Map(arrived.map(({ timestamp }, position) => [timestamp, position]))
  const departed = new Map<number, { count: number; atMs: number }>()
  for (const { port, timestamp: first, bytes, atMs } of captured) {
    const position = positions.get(first)
    if (load.rtpPorts.includes(port) || position === undefined) continue
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
  return { delaysMs, packets: whole.length }
}

function pin(pid: number, core: string): void {
  const { status } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', core, String(pid)])
  if (status !== 0) throw new Error(`taskset cannot pin process ${pid} to core ${core}`)
}
