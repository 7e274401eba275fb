import { expect, test } from '@playwright/test'
import { startProgram } from '../test/support/program.js'
import { twoTestCameras } from './helpers/cameras.js'
import {
  barRegions,
  expectColours,
  expectState,
  meanColours,
  pixelsOf,
  received,
  smpteBars,
} from './helpers/tile.js'

const cameras = ['camera1', 'camera2']

for (const [codec, mimeType] of [
  ['vp8', 'video/VP8'],
  ['h264', 'video/H264'],
] as const) {
  test(`two cameras play at once in one page, ${codec}`, async ({ page }) => {
    await using program = await startProgram({ tables: twoTestCameras(codec) })
    await page.goto(program.url)
    for (const camera of cameras) await expectState(page, camera, 'live')

    for (const camera of cameras) {
      await expect
        .poll(async () => (await received(page, camera)).framesDecoded, { timeout: 40_000 })
        .toBeGreaterThan(150)
      expect((await received(page, camera)).codec).toBe(mimeType)
      expectColours(await meanColours(page, camera, barRegions), smpteBars)
    }
  })
}

test('the clock drawn into the picture moves, the bars beside it do not', async ({ page }) => {
  await using program = await startProgram({ tables: twoTestCameras('vp8') })
  await page.goto(program.url)
  const clock = { x: 0.25, y: 0.87, width: 0.5, height: 0.08 }
  const bars = { x: 0.02, y: 0.3, width: 0.96, height: 0.2 }
  for (const camera of cameras) {
    await expectState(page, camera, 'live')
    const [clockBefore, barsBefore] = [
      await pixelsOf(page, camera, clock),
      await pixelsOf(page, camera, bars),
    ]
    await expect
      .poll(async () => await pixelsOf(page, camera, clock), { timeout: 5000 })
      .not.toBe(clockBefore)
    expect(await pixelsOf(page, camera, bars)).toBe(barsBefore)
  }
})
