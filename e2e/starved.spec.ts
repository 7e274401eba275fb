import { spawn, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { expect, test } from '@playwright/test'
import { rateBetween, usageOf } from '../bench/load/usage.js'
import { launchChromium } from '../test/support/launch-chromium.js'
import { startProgram, type Program } from '../test/support/program.js'
import { expectState, received } from './helpers/tile.js'

/**
 * A processor that is busy with something else answers late, which is not the same as a narrow path. The program is held on one core
 * and the browser on another, and each core in turn is shared with processes that never sleep.
 */
const SERVER_CORE = 0
const VIEWER_CORE = 1
const HOGS = 20
const STARVED_MS = 15_000

test.skip(availableParallelism() < 2, 'it needs two cores')

/** Each has a session, which Linux gives as much time as the whole browser (sched(7), autogroup). */
function startHogs(core: number): { pids: number[] } & AsyncDisposable {
  const words = [
    '--pdeathsig',
    'KILL',
    '--',
    'taskset',
    '-c',
    String(core),
    'sh',
    '-c',
    'while :; do :; done',
  ]
  const hogs = Array.from({ length: HOGS }, (): ChildProcess =>
    spawn('setpriv', words, { stdio: 'ignore', detached: true }),
  )
  return {
    pids: hogs.map(({ pid }) => pid!),
    async [Symbol.asyncDispose]() {
      const gone = hogs.map((hog) => new Promise((resolve) => hog.once('exit', resolve)))
      for (const hog of hogs) hog.kill('SIGKILL')
      await Promise.all(gone)
    },
  }
}

async function metric(program: Program, name: string): Promise<number> {
  const text = await (await fetch(`${program.url}/metrics`)).text()
  const values = text.split('\n').filter((line) => line.startsWith(`rpi_webrtc_${name}`))
  expect(values.length).toBeGreaterThan(0)
  return values.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

for (const [who, core] of [
  ['viewer', VIEWER_CORE],
  ['server', SERVER_CORE],
] as const)
  test(`while the processor of the ${who} starves, no picture is left out and the size stays`, async () => {
    test.setTimeout(90_000)
    await using program = await startProgram({
      tables: `[camera1]\ndevice = "test:ball"\nlow = "320x240@15"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n`,
      through: ['taskset', '-c', String(SERVER_CORE)],
    })
    await using browser = await launchChromium(['taskset', '-c', String(VIEWER_CORE)])
    const page = await browser.newPage()
    await page.goto(`${program.url}/camera1/`)
    await expectState(page, 'camera1', 'live')
    await expect.poll(async () => (await received(page, 'camera1')).framesDecoded).toBeGreaterThan(60)

    await using hogs = startHogs(core)
    const before = await Promise.all(hogs.pids.map(usageOf))
    const decodedBefore = (await received(page, 'camera1')).framesDecoded
    let [congested, low] = [0, 0]
    const endMs = performance.now() + STARVED_MS
    while (performance.now() < endMs) {
      congested = Math.max(congested, await metric(program, 'camera_viewers_congested'))
      low = Math.max(low, await metric(program, 'camera_viewers_low'))
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const after = await Promise.all(hogs.pids.map(usageOf))
    const taken = before.reduce((sum, usage, i) => sum + rateBetween(usage, after[i]!).cpuPercent, 0)
    const decoded = (await received(page, 'camera1')).framesDecoded - decodedBefore
    const dropped = await metric(program, 'viewer_frames_dropped_total')
    console.log(
      `${who}: others took ${taken.toFixed(0)} % of its core; ${decoded} frames decoded in ${STARVED_MS / 1000} s, ` +
        `${dropped} left out, ${congested} congested, ${low} sent the small size`,
    )
    expect(taken).toBeGreaterThan(50)
    expect(decoded).toBeGreaterThan(30)
    expect([dropped, congested, low]).toEqual([0, 0, 0])
  })
