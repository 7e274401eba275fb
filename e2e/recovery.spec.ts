import { expect, test, type Page } from '@playwright/test'
import { startProgram } from '../test/support/program.js'
import { twoTestCameras } from './helpers/cameras.js'
import { expectState, received } from './helpers/tile.js'

type Marked = HTMLElement & { peerConnection: RTCPeerConnection | null; marked?: RTCPeerConnection | null }

const markPeer = async (page: Page): Promise<void> =>
  await page.evaluate(() => {
    const tile = document.querySelector<Marked>('[data-camera="camera1"]')!
    tile.marked = tile.peerConnection
  })

const isMarkedPeer = async (page: Page): Promise<boolean> =>
  await page.evaluate(() => {
    const tile = document.querySelector<Marked>('[data-camera="camera1"]')!
    return tile.marked !== null && tile.marked !== undefined && tile.marked === tile.peerConnection
  })

/** Milliseconds until more frames are decoded than were already received. */
async function nextFrameAfterMs(page: Page, camera: string, limitMs: number): Promise<number> {
  const startMs = performance.now()
  const before = (await received(page, camera)).framesDecoded
  await expect
    .poll(async () => (await received(page, camera)).framesDecoded, { timeout: limitMs, intervals: [50] })
    .toBeGreaterThan(before + 5)
  return Math.round(performance.now() - startMs)
}

for (const codec of ['vp8', 'h264']) {
  test(`viewers stay connected while a killed capture process restarts, ${codec}`, async ({ page }) => {
    await using program = await startProgram({ tables: twoTestCameras(codec) })
    await page.goto(program.url)
    for (const camera of ['camera1', 'camera2']) await expectState(page, camera, 'live')
    await expect.poll(async () => (await received(page, 'camera1')).framesDecoded).toBeGreaterThan(60)
    await markPeer(page)
    const other = await received(page, 'camera2')
    const otherAtMs = performance.now()

    process.kill(await program.capturePid(1), 'SIGKILL')
    const backMs = await nextFrameAfterMs(page, 'camera1', 3000)
    console.log(`${codec}: killed capture process, frames again after ms`, backMs)
    expect(await isMarkedPeer(page)).toBe(true)

    const otherAfter = await received(page, 'camera2')
    const expectedFrames = ((performance.now() - otherAtMs) / 1000) * 30
    console.log(
      `${codec}: frames of the other camera meanwhile`,
      otherAfter.framesDecoded - other.framesDecoded,
      'of',
      Math.round(expectedFrames),
    )
    expect(otherAfter.framesDecoded - other.framesDecoded).toBeGreaterThan(expectedFrames - 5)
    expect(otherAfter.packetsLost - other.packetsLost).toBe(0)
    expect(otherAfter.freezeCount - other.freezeCount).toBe(0)
    await expectState(page, 'camera1', 'live')
  })
}

test('a frozen capture process is replaced within 5 s, and the page shows it meanwhile', async ({ page }) => {
  await using program = await startProgram({ tables: twoTestCameras('vp8') })
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  await markPeer(page)
  const frozen = await program.capturePid(1)
  process.kill(frozen, 'SIGSTOP')
  const startMs = performance.now()
  await expectState(page, 'camera1', 'lost', 5000)
  await expectState(page, 'camera1', 'live', 5000)
  const backMs = Math.round(performance.now() - startMs)
  console.log('frozen capture process, live again after ms', backMs)
  expect(backMs).toBeLessThan(5000)
  expect(await isMarkedPeer(page)).toBe(true)
  expect(await program.capturePid(1)).not.toBe(frozen)
})

test('a page reconnects by itself when the program restarts', async ({ page }) => {
  const first = await startProgram({ tables: twoTestCameras('vp8') })
  await page.goto(first.url)
  await expectState(page, 'camera1', 'live')
  await first[Symbol.asyncDispose]()
  await expectState(page, 'camera1', 'reconnecting')
  await using _second = await startProgram({ tables: twoTestCameras('vp8'), ports: first })
  await expectState(page, 'camera1', 'live', 20_000)
})
