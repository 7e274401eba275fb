import { chromium, type Browser, type Page } from '@playwright/test'
import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromiumOptions } from '../test/support/chromium.js'
import { startProgram, until, type Program } from '../test/support/program.js'
import { inbound } from './inbound.js'
import { requireOnHost } from './require.js'
import { describe } from './summary.js'

const SECONDS = Number(process.env['DURATION_S'] ?? 30)
const SLOW_KBIT = Number(process.env['SLOW_KBIT'] ?? 500)
/** Queueing delay on the slow path after which a packet is dropped. */
const QUEUE_MS = Number(process.env['QUEUE_MS'] ?? 400)
/** The camera, and its small size. */
const CAMERA = process.env['CAMERA'] ?? 'width = 448\nheight = 336\nfps = 20'
const PATTERN = process.env['PATTERN'] ?? 'snow'
const LOW = process.env['LOW'] ?? 'false'
const CODECS = (process.env['CODECS'] ?? 'vp8,h264').split(',')

/** Notes the longest time between two displayed frames, and once a second the delay that the page measures. */
const watchFrames = `{
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

/** Since the last call. */
const framesSinceLast = `(() => {
  const of = (all, share) => all.sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * share))] ?? 0
  const gaps = window.gaps.splice(0), delays = window.delays.splice(0)
  return { gap: of(gaps, 1), over500: gaps.filter((gap) => gap > 500).length, delay: of(delays, 0.5), worst: of(delays, 1) }
})()`

/**
 * A viewer behind a bottleneck (`tc tbf`) must not affect two viewers on a fast path. Each path has a network namespace. At the end the
 * bottleneck is removed.
 */
requireOnHost({ programs: { ip: 'iproute2', tc: 'iproute2' }, root: true })
const run = process.env['RPI_WEBRTC_BENCH'] ?? String(process.pid)
const [server, fast, slow] = ['server', 'fast', 'slow'].map((role) => `rpi-webrtc-${role}-${run}`) as [
  string,
  string,
  string,
]

if (process.env['RPI_WEBRTC_BENCH'] === undefined) {
  for (const name of [server, fast, slow]) ip('netns', 'add', name)
  try {
    ip('-n', server, 'link', 'set', 'lo', 'up')
    connect(fast, '10.77.1', 'to-fast')
    connect(slow, '10.77.2', 'to-slow')
    const self = [process.execPath, '--import', 'tsx', fileURLToPath(import.meta.url)]
    const { status } = spawnSync('ip', ['netns', 'exec', server, ...self], {
      stdio: 'inherit',
      env: { ...process.env, RPI_WEBRTC_BENCH: run },
    })
    process.exitCode = status ?? 1
  } finally {
    for (const name of [server, fast, slow]) ip('netns', 'del', name)
  }
} else {
  console.log(describe())
  for (const codec of CODECS) await measure(codec)
}

function ip(...args: string[]): void {
  call('ip', args)
}

function call(file: string, args: string[]): void {
  const { status } = spawnSync(file, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} failed`)
}

/** A link to the server as the default route, which Chromium needs before it opens a socket. */
function connect(name: string, net: string, device: string): void {
  ip('-n', server, 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
  ip('-n', server, 'addr', 'add', `${net}.1/24`, 'dev', device)
  ip('-n', server, 'link', 'set', device, 'up')
  ip('-n', name, 'addr', 'add', `${net}.2/24`, 'dev', 'eth0')
  ip('-n', name, 'link', 'set', 'lo', 'up')
  ip('-n', name, 'link', 'set', 'eth0', 'up')
  ip('-n', name, 'route', 'add', 'default', 'via', `${net}.1`)
}

function narrow(): void {
  call(
    'tc',
    `qdisc replace dev to-slow root tbf rate ${SLOW_KBIT}kbit burst 5kb latency ${QUEUE_MS}ms`.split(' '),
  )
}

function widen(): void {
  call('tc', 'qdisc del dev to-slow root'.split(' '))
}

async function measure(codec: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-bench-'))
  try {
    await using program = await startProgram({
      bindIp: '0.0.0.0',
      tables: `[camera1]\ndevice = "test:${PATTERN}"\n${CAMERA}\nlow = ${LOW}\nwebrtc-port = $PORT1
[video]\ncodec = "${codec}"\nbitrate = 2000000\n[webrtc]\nudp-port = $UDP`,
    })
    const [near, far] = [await browse(fast, folder), await browse(slow, folder)]
    try {
      const pages = [await watch(near, program, '10.77.1.1'), await watch(near, program, '10.77.1.1')]
      await new Promise((resolve) => setTimeout(resolve, 3000))
      await report(`${codec}, two viewers on a fast path`, program, pages, SECONDS)
      narrow()
      pages.push(await watch(far, program, '10.77.2.1'))
      await report(`${codec}, and one behind ${SLOW_KBIT} kbit/s`, program, pages, SECONDS, true)
      await report(`${codec}, later`, program, pages, SECONDS)
      const screenshot = join(tmpdir(), `slow-link-${codec}.png`)
      await pages[2]!.screenshot({ path: screenshot })
      console.log(`  screenshot of the slow viewer: ${screenshot}`)
      widen()
      await report(`${codec}, the path is fast again`, program, pages, SECONDS, true)
      await report(`${codec}, later`, program, pages, SECONDS)
    } catch (error) {
      console.error(program.output().slice(-3000))
      throw error
    } finally {
      await near.close()
      await far.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function browse(namespace: string, folder: string): Promise<Browser> {
  const executablePath = join(folder, namespace)
  await writeFile(
    executablePath,
    `#!/bin/sh\nexec ip netns exec ${namespace} ${chromiumOptions.executablePath} "$@"\n`,
  )
  await chmod(executablePath, 0o755)
  return await chromium.launch({ ...chromiumOptions, executablePath })
}

async function watch(browser: Browser, program: Program, address: string): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(`http://${address}:${program.webPort}/camera1/?stats=true`, { waitUntil: 'commit' })
  await until(async () => ((await inbound(page))['framesDecoded'] ?? 0) > 0, 20_000)
  await page.evaluate(watchFrames)
  return page
}

async function report(
  title: string,
  program: Program,
  pages: Page[],
  seconds: number,
  verbose = false,
): Promise<void> {
  const before = await Promise.all(pages.map(inbound))
  const sentBefore = await metrics(program)
  for (const page of pages) await page.evaluate(framesSinceLast)
  for (let second = 0; second < seconds; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    if (verbose && process.env['VERBOSE'] !== undefined) {
      const now = await inbound(pages.at(-1)!)
      const m = await metrics(program)
      console.log(
        `   ${second} s: decoded ${now['framesDecoded']}, key ${now['keyFramesDecoded']}, lost ${now['packetsLost']}, nack ${now['nackCount']}, pli ${now['pliCount']}, freezes ${now['freezeCount']}, sent ${m['viewer_sent_packets_total']}, again ${m['viewer_retransmitted_packets_total']}, dropped ${m['viewer_frames_dropped_total']}, congested ${m['camera_viewers_congested']}, available ${m['viewer_available_bitrate_lowest_bits_per_second']}, rtt ${m['viewer_round_trip_highest_seconds']}`,
      )
    }
  }
  const after = await Promise.all(pages.map(inbound))
  const sent = await metrics(program)
  const rss = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${program.pid}/status`, 'utf8'))![1]
  console.log(
    `${title}, ${seconds} s: server ${Math.round(Number(rss) / 1000)} MB, keyframes ${sent['camera_keyframes_total']! - sentBefore['camera_keyframes_total']!}, dropped ${sent['viewer_frames_dropped_total']! - sentBefore['viewer_frames_dropped_total']!}, congested ${sent['camera_viewers_congested']}`,
  )
  for (const [i, page] of pages.entries()) {
    const grown = (name: string): number => (after[i]![name] ?? 0) - (before[i]![name] ?? 0)
    const figures = [
      'keyFramesDecoded',
      'framesDropped',
      'freezeCount',
      'packetsLost',
      'nackCount',
      'pliCount',
    ]
      .map((name) => `${name} ${grown(name)}`)
      .join(', ')
    const kbit = Math.round((grown('bytesReceived') * 8) / seconds / 1000)
    const state = await page.evaluate(
      `(({ dataset }) => Object.entries(dataset).map((pair) => pair.join('=')).join(' '))(document.querySelector('camera-tile[data-camera="camera1"]'))`,
    )
    const seen = await page.evaluate<Record<'gap' | 'over500' | 'delay' | 'worst', number>>(framesSinceLast)
    const buffered = (1000 * grown('jitterBufferDelay')) / grown('jitterBufferEmittedCount')
    console.log(
      `  viewer ${i + 1}: ${(grown('framesDecoded') / seconds).toFixed(1)} frames/s decoded, ${kbit} kbit/s, buffered ${buffered.toFixed(0)} ms, delay ${seen.delay} ms, ${seen.worst} at most, longest gap ${seen.gap.toFixed(0)} ms, ${seen.over500} above 500 ms, ${figures}; tile ${String(state)}`,
    )
  }
}

async function metrics(program: Program): Promise<Record<string, number>> {
  const text = await (await fetch(`${program.url}/metrics`)).text()
  return Object.fromEntries(
    Array.from(text.matchAll(/^rpi_webrtc_(\w+)(?:\{camera="camera1"\})? (\S+)$/gm), ([, name, value]) => [
      name!,
      Number(value),
    ]),
  )
}
