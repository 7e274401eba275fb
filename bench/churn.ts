import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { probeMachine } from '../src/camera/gstreamer/probe.js'
import { parseConfig } from '../src/config/parse.js'
import { silentLog } from '../src/log.js'
import { startServer } from '../src/server/server.js'
import { freePorts, until } from '../test/support/program.js'
import { startLoad } from './load/child.js'
import { sleep } from './load/external-camera.js'
import type { Sent } from './load/source.js'
import { describe } from './summary.js'

const VIEWERS = Number(process.env['VIEWERS'] ?? 1000)
/** Until all code is compiled and all pools have their final size. */
const WARM_UP_VIEWERS = 100
/** A third leaves without notice and has to time out, then the last timers of a handshake expire. */
const ALL_GONE_LIMIT_MS = 40_000

/** Heap, external memory and handles that remain after viewers joined and left. The server runs in this process. */
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

console.log(describe())
const [webPort, webrtcPort, udpPort, rtpPort] = await freePorts(4)
const config = parseConfig(
  `[server]
web-port = ${webPort}
bind-ip = "127.0.0.1"
[camera1]
device = "rtp://127.0.0.1:${rtpPort}"
webrtc-port = ${webrtcPort}
[webrtc]
udp-port = ${udpPort}
max-clients = 100
[limits]
offers-per-second = 1000
offer-burst = 1000`,
  'bench',
)
await using server = await startServer(config, {
  machine: await probeMachine(process.env),
  env: process.env,
  debug: false,
  version: 'bench',
  staticDir: fileURLToPath(new URL('../static', import.meta.url)),
  log: () => silentLog,
})
await using _source = startLoad<Sent>('source.ts', rtpPort!, 250, 33)
await using joiners = startLoad<number>('churn-viewers.ts', `http://127.0.0.1:${server.webPort}`, 'camera1')

const viewersOf = async (): Promise<number> => {
  const health = (await (await fetch(`http://127.0.0.1:${server.webPort}/health`)).json()) as {
    cameras: Record<string, { viewers: number }>
  }
  return health.cameras['camera1']!.viewers
}

async function settle(): Promise<Record<string, number>> {
  await until(async () => (await viewersOf()) === 0, ALL_GONE_LIMIT_MS)
  await sleep(12_000)
  for (let i = 0; i < 3; i++) collectGarbage()
  const { heapUsed, external, rss } = process.memoryUsage()
  return {
    'heap kB': Math.round(heapUsed / 1000),
    'external kB': Math.round(external / 1000),
    'RSS kB': Math.round(rss / 1000),
    'file descriptors': (await readdir('/proc/self/fd')).length,
    timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
  }
}

for (let i = 0; i < WARM_UP_VIEWERS; i++) await joiners.ask()
const before = await settle()
const startedMs = performance.now()
for (let i = 0; i < VIEWERS; i++) await joiners.ask()
const eachMs = (performance.now() - startedMs) / VIEWERS
const after = await settle()
console.log(`${VIEWERS} viewers joined and left, one every ${eachMs.toFixed(0)} ms`)
for (const [name, value] of Object.entries(after))
  console.log(`${name.padEnd(16)} before ${before[name]}, after ${value}`)
