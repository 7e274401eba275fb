import { readFile } from 'node:fs/promises'
import { Scope } from '../src/lib/scope.js'
import { freePorts, startProgram, until, type Program } from '../test/support/program.js'
import { startLoad } from './load/child.js'
import { sleep } from './load/external-camera.js'
import type { Sent } from './load/source.js'
import type { Arrived } from './load/viewers.js'
import { describe } from './summary.js'

/**
 * Memory below the limits of systemd/rpi-webrtc.service: of a capture process for each encoder and size, and of the Node process with
 * two cameras, for several numbers of viewers and limits of V8's heap.
 */
const SECONDS = Number(process.env['SECONDS'] ?? 20)
const SETTLE_MS = 5000
const SIZES = [
  [640, 480],
  [1280, 720],
  [1920, 1080],
] as const
const ENCODERS = { x264enc: 'h264', openh264enc: 'h264', vp8enc: 'vp8' } as const
const VIEWERS = [0, 8, 32]
/** MB for --max-old-space-size; undefined leaves the limit to V8. */
const HEAP_LIMITS = [undefined, 64, 96, 128, 192]

console.log(describe())
await measureCaptures()
await measureNode()

async function measureCaptures(): Promise<void> {
  console.log('\ncapture process, MB        RSS  anonymous  peak with snapshots')
  for (const [encoder, codec] of Object.entries(ENCODERS))
    for (const [width, height] of SIZES) {
      await using program = await startProgram({
        tables: `[camera1]
device = "test:smpte"
width = ${width}
height = ${height}
fps = 30
webrtc-port = $PORT1
[video]
codec = "${codec}"
encoder = "${encoder}"
[webrtc]
udp-port = $UDP`,
      })
      await until(async () => (await program.health()).status === 'ok', 30_000)
      const pid = await program.capturePid(1)
      await sleep(SETTLE_MS)
      const { rss, anonymous } = await memoryOf(pid)
      for (let i = 0; i < 3; i++) await (await fetch(`${program.url}/camera1/snapshot.jpg`)).arrayBuffer()
      const { peak } = await memoryOf(pid)
      const name = `${encoder} ${width}x${height}`.padEnd(24)
      console.log(`${name} ${columns([rss, anonymous, peak])}`)
    }
}

async function measureNode(): Promise<void> {
  console.log(`\nNode with 2 cameras of 250 packets/s, ${SECONDS} s`)
  console.log('old space  viewers      RSS  anonymous   peak   heap used  CPU %   GC ms/s  longest GC ms')
  for (const limit of HEAP_LIMITS)
    for (const viewers of VIEWERS) {
      const figures = await measureViewers(viewers, limit)
      console.log(`${String(limit ?? 'free').padEnd(10)} ${String(viewers).padEnd(7)} ${columns(figures)}`)
    }
}

async function measureViewers(viewers: number, limitMb: number | undefined): Promise<number[]> {
  const ports = await freePorts(2)
  const flags = ['--max-semi-space-size=4', '--trace-gc']
  if (limitMb !== undefined) flags.push(`--max-old-space-size=${limitMb}`)
  await using program = await startProgram({
    tables: `${ports
      .map((port, i) => `[camera${i + 1}]\ndevice = "rtp://127.0.0.1:${port}"\nwebrtc-port = $PORT${i + 1}`)
      .join('\n')}
[webrtc]
udp-port = $UDP
max-clients = ${Math.max(1, viewers / 2)}
[limits]
offers-per-second = 1000`,
    through: withNodeFlags(flags),
  })
  await using loads = new Scope()
  for (const port of ports) loads.use(startLoad<Sent>('source.ts', port, 250, 33))
  await until(async () => (await program.health()).status === 'ok', 30_000)
  for (const camera of viewers === 0 ? [] : [1, 2]) {
    const watching = loads.use(
      startLoad<Arrived>('viewers.ts', `${program.url}/camera${camera}/whep`, viewers / 2),
    )
    await until(async () => (await watching.ask()).packets > 0, 60_000)
  }
  await sleep(SETTLE_MS)
  const gcBefore = collections(program)
  const cpuBefore = await cpuSecondsOf(program.pid)
  await sleep(SECONDS * 1000)
  const cpu = (await cpuSecondsOf(program.pid)) - cpuBefore
  const pauses = collections(program).slice(gcBefore.length)
  const { rss, anonymous, peak } = await memoryOf(program.pid)
  const gc = pauses.reduce((sum, ms) => sum + ms, 0) / SECONDS
  const longest = Math.max(0, ...collections(program))
  return [rss, anonymous, peak, await heapUsedOf(program), (100 * cpu) / SECONDS, gc, longest]
}

/** A command that starts Node with V8 flags. */
function withNodeFlags(flags: string[]): string[] {
  return ['sh', '-c', `exec "$0" ${flags.join(' ')} "$@"`]
}

/** Milliseconds of each collection that --trace-gc reports: `Scavenge 30.1 (33.5) -> 29.0 (34.0) MB, 1.2 / 0.0 ms`. */
function collections(program: Program): number[] {
  const lines = /(?:Scavenge|Mark-Compact)[^\n]*? MB, (?:pooled: [\d.]+ MB, )?([\d.]+) \/ /g
  return Array.from(program.output().matchAll(lines), ([, ms]) => Number(ms))
}

async function memoryOf(pid: number): Promise<{ rss: number; anonymous: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const mb = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)![1]) / 1024
  return { rss: mb('VmRSS'), anonymous: mb('RssAnon'), peak: mb('VmHWM') }
}

async function heapUsedOf(program: Program): Promise<number> {
  const text = await (await fetch(`${program.url}/metrics`)).text()
  const [, bytes] = /^rpi_webrtc_\w*heap\w* (\S+)$/m.exec(text) ?? []
  return Number(bytes) / 1024 / 1024
}

/** The kernel counts in ticks of 10 ms. */
async function cpuSecondsOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function columns(figures: number[]): string {
  return figures.map((figure) => figure.toFixed(1).padStart(9)).join(' ')
}
