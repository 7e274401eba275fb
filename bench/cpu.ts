import { readFile } from 'node:fs/promises'
import { startLoad, type Load } from './load/child.js'
import { loadProgram, sleep } from './load/external-camera.js'
import { countSystemCalls } from './load/system-calls.js'
import { rateBetween, usageOf, type Usage } from './load/usage.js'
import type { Sunk } from './load/udp-sinks.js'
import type { Sent } from './load/source.js'
import { describe, summary } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 10)
const ROUNDS = Number(process.env['ROUNDS'] ?? 3)
/** Until new viewers have caught up from the last keyframe, and V8 has compiled the hot path. */
const SETTLE_MS = 3000
const STEADY_BURST_MS = 5
const FRAME_MS = 33
const STRACE_SECONDS = 3

/** A steady stream, as earlier figures have it, then that of video: 30 frames per second, each a burst of 8 packets. */
const SHAPES = [
  { viewers: 4, packetsPerSecond: 1000, burstMs: STEADY_BURST_MS },
  { viewers: 32, packetsPerSecond: 250, burstMs: STEADY_BURST_MS },
  ...[1, 4, 8, 32].map((viewers) => ({ viewers, packetsPerSecond: 240, burstMs: FRAME_MS })),
]
type Shape = (typeof SHAPES)[number]

/**
 * CPU time (user and system) per packet delivered to a viewer, in microseconds; in the same rounds that of a Node.js process which
 * forwards every packet unencrypted. Source and viewers are separate processes, and the viewers count packets without decrypting.
 */
console.log(describe())
for (const shape of SHAPES) {
  const { viewers, packetsPerSecond, burstMs } = shape
  console.log(
    `${viewers} viewers, ${packetsPerSecond} packets/s of 1170 bytes in bursts every ${burstMs} ms, ${SECONDS} s`,
  )
  const ours: number[] = []
  const baseline: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await measureProgram(shape))
    baseline.push(await measureBaselineRelay(shape))
  }
  console.log(`CPU per packet delivered, us: ${summary(ours)}`)
  console.log(`baseline, forwarded unencrypted, us: ${summary(baseline)}`)
  console.log(`system calls: ${await describeSystemCalls(shape)}`)
}

async function measureProgram(shape: Shape): Promise<number> {
  await using load = await loadProgram(shape)
  const { program, viewers, source } = load
  return await measure('the program', shape.viewers, { pid: program.pid, to: viewers, from: source })
}

async function measureBaselineRelay({ viewers, packetsPerSecond, burstMs }: Shape): Promise<number> {
  await using sinks = startLoad<Sunk>('udp-sinks.ts', viewers)
  await using relay = startLoad<number>('baseline-relay.ts', ...(await sinks.ask()).ports)
  await using source = startLoad<Sent>('source.ts', await relay.ask(), packetsPerSecond, burstMs)
  return await measure('baseline relay', viewers, { pid: relay.pid, to: sinks, from: source })
}

async function describeSystemCalls(shape: Shape): Promise<string> {
  await using load = await loadProgram(shape)
  await sleep(SETTLE_MS)
  await load.viewers.ask()
  const counted = await countSystemCalls(load.program.pid, STRACE_SECONDS)
  if (typeof counted === 'string') return counted
  const { packets } = await load.viewers.ask()
  const most = Object.entries(counted.calls)
    .sort(([, one], [, other]) => other - one)
    .slice(0, 5)
    .map(([name, count]) => `${name} ${count}`)
  return `${(counted.total / packets).toFixed(2)} per packet delivered (${most.join(', ')})`
}

async function measure(
  name: string,
  viewers: number,
  { pid, to, from }: { pid: number; to: Load<{ packets: number }>; from: Load<Sent> },
): Promise<number> {
  const sample = async (): Promise<[usage: Usage, arrived: number, sent: number]> => {
    const [usage, arrived, sent] = await Promise.all([usageOf(pid), to.ask(), from.ask()])
    return [usage, arrived.packets, sent.length]
  }
  await sleep(SETTLE_MS)
  const [before] = await sample()
  await sleep(SECONDS * 1000)
  const [after, arrived, sent] = await sample()
  const rss = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))![1]
  const costUs = ((after.cpuMs - before.cpuMs) * 1000) / arrived
  const { switchesPerSecond } = rateBetween(before, after)
  const delivered = ((100 * arrived) / (sent * viewers)).toFixed(1)
  console.log(
    `  ${name}: ${costUs.toFixed(1)} us per packet, delivered ${delivered} %, ${Math.round(Number(rss) / 1000)} MB, ${switchesPerSecond.toFixed(0)} context switches/s`,
  )
  return costUs
}
