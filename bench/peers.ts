import { Scope } from '../src/lib/scope.js'
import { freePorts, startProgram } from '../test/support/program.js'
import { startLoad } from './load/child.js'
import { sleep } from './load/external-camera.js'
import type { Counted } from './load/peer-viewers.js'
import type { Sent } from './load/source.js'
import { usageOf } from './load/usage.js'
import { startJanus } from './peers/janus.js'
import type { Peer } from './peers/peer.js'
import { buildPionRelay } from './peers/pion.js'
import { describe, summary } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 5)
const ROUNDS = Number(process.env['ROUNDS'] ?? 5)
/** Until V8 has compiled the hot path. */
const SETTLE_MS = Number(process.env['SETTLE_MS'] ?? 3000)

/** A steady stream, then the shape of video: 30 frames per second, each a burst of 8 packets. */
const SHAPES = [
  { viewers: 4, packetsPerSecond: 1000, burstMs: 5 },
  { viewers: 32, packetsPerSecond: 250, burstMs: 5 },
  ...[4, 8, 32].map((viewers) => ({ viewers, packetsPerSecond: 240, burstMs: 33 })),
]
type Shape = (typeof SHAPES)[number]

/**
 * CPU time per packet delivered to a viewer, beside a relay on pion and Janus where they are installed, in the same rounds: one after
 * the other, with the same source and the same viewers.
 */
await using scope = new Scope()
const peers: Record<string, () => Promise<Peer>> = { 'rpi-webrtc': startOurs }
for (const [name, prepare] of Object.entries({ 'relay on pion': preparePion, Janus: prepareJanus })) {
  try {
    peers[name] = await prepare()
  } catch (error) {
    console.log(`without ${name}: ${(error as Error).message.split('\n')[0]!}`)
  }
}
console.log(`${describe()}\n1170 bytes a packet, ${SECONDS} s, us of CPU per packet delivered`)
for (const shape of SHAPES) {
  console.log(
    `${shape.viewers} viewers, ${shape.packetsPerSecond} packets/s in bursts every ${shape.burstMs} ms`,
  )
  const costs = new Map(Object.keys(peers).map((name): [string, number[]] => [name, []]))
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, start] of Object.entries(peers)) costs.get(name)!.push(await measure(start, shape))
  for (const [name, values] of costs) console.log(`  ${name}: ${summary(values)}`)
}

async function preparePion(): Promise<() => Promise<Peer>> {
  const relay = scope.use(await buildPionRelay())
  return async () => await relay.start()
}

async function prepareJanus(): Promise<() => Promise<Peer>> {
  await using _works = await startJanus()
  return startJanus
}

async function startOurs(): Promise<Peer> {
  const [rtpPort] = (await freePorts(1)) as [number]
  const program = await startProgram({
    tables: `[camera1]\ndevice = "rtp://127.0.0.1:${rtpPort}"\nwebrtc-port = $PORT1
[webrtc]\nudp-port = $UDP\nmax-clients = 100\n[limits]\noffers-per-second = 1000`,
  })
  return {
    pid: program.pid,
    rtpPort,
    viewersOf: ['whep', `${program.url}/camera1/whep`],
    [Symbol.asyncDispose]: async () => await program[Symbol.asyncDispose](),
  }
}

async function measure(
  start: () => Promise<Peer>,
  { viewers, packetsPerSecond, burstMs }: Shape,
): Promise<number> {
  await using peer = await start()
  await using load = startLoad<Counted>('peer-viewers.ts', ...peer.viewersOf, viewers)
  // From the start: some programs finish connecting only while media flows.
  await using _source = startLoad<Sent>('source.ts', peer.rtpPort, packetsPerSecond, burstMs)
  await load.ask()
  await sleep(SETTLE_MS)
  const [before] = await Promise.all([usageOf(peer.pid), load.ask()])
  await sleep(SECONDS * 1000)
  const [after, { packets }] = await Promise.all([usageOf(peer.pid), load.ask()])
  return ((after.cpuMs - before.cpuMs) * 1000) / packets
}
