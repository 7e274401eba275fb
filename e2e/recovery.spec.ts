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

/** Resolves when a camera has decoded some frames more than now. */
async function expectMoreFrames(page: Page, camera: string): Promise<void> {
  const before = (await received(page, camera)).framesDecoded
  await expect
    .poll(async () => (await received(page, camera)).framesDecoded, { timeout: 20_000, intervals: [50] })
    .toBeGreaterThan(before + 30)
}

for (const codec of ['vp8', 'h264']) {
  test(`viewers stay connected while a killed capture process restarts, ${codec}`, async ({ page }) => {
    await using program = await startProgram({ tables: twoTestCameras(codec) })
    await page.goto(program.url)
    for (const camera of ['camera1', 'camera2']) await expectState(page, camera, 'live')
    await expect.poll(async () => (await received(page, 'camera1')).framesDecoded).toBeGreaterThan(60)
    await markPeer(page)
    const other = await received(page, 'camera2')

    process.kill(await program.capturePid(1), 'SIGKILL')
    await expectMoreFrames(page, 'camera1')
    expect(await isMarkedPeer(page)).toBe(true)

    const otherAfter = await received(page, 'camera2')
    // Two encoders and a decoder share the cores, so the rate and the freezes are those of the machine. Packets are not.
    expect(otherAfter.framesDecoded).toBeGreaterThan(other.framesDecoded)
    expect(otherAfter.packetsLost - other.packetsLost).toBe(0)
    expect((await program.health()).cameras['camera2']).toMatchObject({ restarts: 0, viewers: 1 })
    await expectState(page, 'camera1', 'live')
  })
}

test('a frozen capture process is replaced, and the page shows it meanwhile', async ({ page }) => {
  await using program = await startProgram({ tables: twoTestCameras('vp8') })
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  await markPeer(page)
  const frozen = await program.capturePid(1)
  process.kill(frozen, 'SIGSTOP')
  await expectState(page, 'camera1', 'lost', 20_000)
  await expectState(page, 'camera1', 'live', 20_000)
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
