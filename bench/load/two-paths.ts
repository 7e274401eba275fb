import type { Browser, Page } from '@playwright/test'
import { spawnSync } from 'node:child_process'
import { until, type Program } from '../../test/support/program.js'
import { inbound } from '../inbound.js'
import { requireOnHost } from '../require.js'

/** Network namespaces of a server, of a viewer on a fast path and of one behind a bottleneck (`tc tbf`). */

const run = process.env['RPI_WEBRTC_BENCH'] ?? String(process.pid)
const [server, fast, slow] = ['server', 'fast', 'slow'].map((role) => `rpi-webrtc-${role}-${run}`) as [
  string,
  string,
  string,
]

/** The words to browse through, and the server's address from there. */
export const PATHS = {
  fast: { through: ['ip', 'netns', 'exec', fast], address: '10.77.1.1' },
  slow: { through: ['ip', 'netns', 'exec', slow], address: '10.77.2.1' },
}

/**
 * Runs a script again in the namespace of the server.
 *
 * @param script its path
 * @param measure runs in there; the caller gets the exit status
 */
export async function onTwoPaths(script: string, measure: () => Promise<void>): Promise<void> {
  if (process.env['RPI_WEBRTC_BENCH'] !== undefined) return await measure()
  requireOnHost({ programs: { ip: 'iproute2', tc: 'iproute2' }, root: true })
  for (const name of [server, fast, slow]) call('ip', ['netns', 'add', name])
  try {
    call('ip', ['-n', server, 'link', 'set', 'lo', 'up'])
    connect(fast, '10.77.1', 'to-fast')
    connect(slow, '10.77.2', 'to-slow')
    const self = ['netns', 'exec', server, process.execPath, '--import', 'tsx', script]
    const { status } = spawnSync('ip', self, {
      stdio: 'inherit',
      env: { ...process.env, RPI_WEBRTC_BENCH: run },
    })
    process.exitCode = status ?? 1
  } finally {
    for (const name of [server, fast, slow]) call('ip', ['netns', 'del', name])
  }
}

function call(file: string, args: string[]): void {
  const { status } = spawnSync(file, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} failed`)
}

/** A link to the server as the default route, which Chromium needs before it opens a socket. */
function connect(name: string, net: string, device: string): void {
  const ip = (...args: string[]): void => call('ip', ['-n', ...args])
  ip(server, 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
  ip(server, 'addr', 'add', `${net}.1/24`, 'dev', device)
  ip(server, 'link', 'set', device, 'up')
  ip(name, 'addr', 'add', `${net}.2/24`, 'dev', 'eth0')
  ip(name, 'link', 'set', 'lo', 'up')
  ip(name, 'link', 'set', 'eth0', 'up')
  ip(name, 'route', 'add', 'default', 'via', `${net}.1`)
}

/** @param queueMs queueing delay after which a packet is dropped */
export function narrow(kbitPerSecond: number, queueMs: number): void {
  const rate = `qdisc replace dev to-slow root tbf rate ${kbitPerSecond}kbit burst 5kb latency ${queueMs}ms`
  call('tc', rate.split(' '))
}

export function widen(): void {
  call('tc', 'qdisc del dev to-slow root'.split(' '))
}

/** The page of camera1 with its statistics, playing and watched. */
export async function watchCamera(browser: Browser, program: Program, address: string): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(`http://${address}:${program.webPort}/camera1/?stats=true`, { waitUntil: 'commit' })
  await until(async () => ((await inbound(page))['framesDecoded'] ?? 0) > 0, 20_000)
  await page.evaluate(WATCH_FRAMES)
  return page
}

/** Notes the longest time between two displayed frames, and once a second the delay that the page measures. */
const WATCH_FRAMES = `{
  window.gaps = []
  window.delays = []
  let last = performance.now()
  const video = document.querySelector('camera-tile[data-camera="camera1"] video')
  const note = (now) => {
    window.gaps.push(now - last)
    last = now
    video.requestVideoFrameCallback(note)
  }
  video.requestVideoFrameCallback(note)
  setInterval(() => {
    const delay = /^(\\d+) ms/.exec(document.querySelector('[data-stat="latency"]')?.textContent ?? '')
    if (delay) window.delays.push(Number(delay[1]))
  }, 1000)
}`

/** Of the displayed frames, also over several sessions; times in milliseconds. */
export interface Watched {
  frames: number
  /** The longest time between two frames. */
  gap: number
  over500: number
  /** The sum of the times above 500 ms. */
  stillMs: number
  /** From capture to display. */
  delay: number
  worst: number
}

/** Since the last call. */
export async function watchedSinceLast(page: Page): Promise<Watched> {
  return await page.evaluate<Watched>(`(() => {
    const of = (all, share) => all.sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * share))] ?? 0
    const gaps = window.gaps.splice(0), delays = window.delays.splice(0)
    const still = gaps.filter((gap) => gap > 500)
    const stillMs = still.reduce((sum, gap) => sum + gap, 0)
    return { frames: gaps.length, gap: of(gaps, 1), over500: still.length, stillMs, delay: of(delays, 0.5), worst: of(delays, 1) }
  })()`)
}

/** The metrics of camera1 and those without a camera. */
export async function metricsOf(program: Program): Promise<Record<string, number>> {
  const text = await (await fetch(`${program.url}/metrics`)).text()
  return Object.fromEntries(
    Array.from(text.matchAll(/^rpi_webrtc_(\w+)(?:\{camera="camera1"\})? (\S+)$/gm), ([, name, value]) => [
      name!,
      Number(value),
    ]),
  )
}
