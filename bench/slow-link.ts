import type { Page } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launchChromium } from '../test/support/launch-chromium.js'
import { startProgram, type Program } from '../test/support/program.js'
import { inbound } from './inbound.js'
import {
  metricsOf,
  narrow,
  onTwoPaths,
  PATHS,
  watchCamera,
  watchedSinceLast,
  widen,
} from './load/two-paths.js'
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

/**
 * A viewer behind a bottleneck must not affect two viewers on a fast path. At the end the bottleneck is removed.
 */
await onTwoPaths(fileURLToPath(import.meta.url), async () => {
  console.log(describe())
  for (const codec of CODECS) await measure(codec)
})

async function measure(codec: string): Promise<void> {
  await using program = await startProgram({
    bindIp: '0.0.0.0',
    tables: `[camera1]\ndevice = "test:${PATTERN}"\n${CAMERA}\nlow = ${LOW}\nwebrtc-port = $PORT1
[video]\ncodec = "${codec}"\nbitrate = 2000000\n[webrtc]\nudp-port = $UDP`,
  })
  await using near = await launchChromium(PATHS.fast.through)
  await using far = await launchChromium(PATHS.slow.through)
  try {
    const pages = [
      await watchCamera(near, program, PATHS.fast.address),
      await watchCamera(near, program, PATHS.fast.address),
    ]
    await new Promise((resolve) => setTimeout(resolve, 3000))
    await report(`${codec}, two viewers on a fast path`, program, pages, SECONDS)
    narrow(SLOW_KBIT, QUEUE_MS)
    pages.push(await watchCamera(far, program, PATHS.slow.address))
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
  }
}

async function report(
  title: string,
  program: Program,
  pages: Page[],
  seconds: number,
  verbose = false,
): Promise<void> {
  const before = await Promise.all(pages.map(inbound))
  const sentBefore = await metricsOf(program)
  for (const page of pages) await watchedSinceLast(page)
  for (let second = 0; second < seconds; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    if (verbose && process.env['VERBOSE'] !== undefined) {
      const now = await inbound(pages.at(-1)!)
      const m = await metricsOf(program)
      console.log(
        `   ${second} s: decoded ${now['framesDecoded']}, key ${now['keyFramesDecoded']}, lost ${now['packetsLost']}, nack ${now['nackCount']}, pli ${now['pliCount']}, freezes ${now['freezeCount']}, sent ${m['viewer_sent_packets_total']}, again ${m['viewer_retransmitted_packets_total']}, dropped ${m['viewer_frames_dropped_total']}, congested ${m['camera_viewers_congested']}, available ${m['viewer_available_bitrate_lowest_bits_per_second']}, rtt ${m['viewer_round_trip_highest_seconds']}`,
      )
    }
  }
  const after = await Promise.all(pages.map(inbound))
  const sent = await metricsOf(program)
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
    const seen = await watchedSinceLast(page)
    const buffered = (1000 * grown('jitterBufferDelay')) / grown('jitterBufferEmittedCount')
    console.log(
      `  viewer ${i + 1}: ${(grown('framesDecoded') / seconds).toFixed(1)} frames/s decoded, ${kbit} kbit/s, buffered ${buffered.toFixed(0)} ms, delay ${seen.delay} ms, ${seen.worst} at most, longest gap ${seen.gap.toFixed(0)} ms, ${seen.over500} above 500 ms, ${figures}; tile ${String(state)}`,
    )
  }
}
