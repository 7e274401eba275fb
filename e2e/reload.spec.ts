import { expect, test } from '@playwright/test'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { freePorts, startProgram, until, type Program } from '../test/support/program.js'
import { twoTestCameras } from './helpers/cameras.js'
import { expectState, received } from './helpers/tile.js'

/** Writes and renames, as editors do. Resolves when the program has applied the change. */
async function save(program: Program, edit: (toml: string) => string): Promise<void> {
  const applied = (): number => (program.output().match(/the configuration changed/g) ?? []).length
  const before = applied()
  await writeFile(`${program.configPath}~`, edit(await readFile(program.configPath, 'utf8')))
  await rename(`${program.configPath}~`, program.configPath)
  await until(() => applied() > before, 20_000)
}

test('a browser misses no frame of an unchanged camera while others are added, changed and removed', async ({
  page,
}) => {
  await using program = await startProgram({ tables: twoTestCameras('vp8') })
  const [spare] = await freePorts(1)
  await page.goto(`${program.url}/camera1/`)
  await expectState(page, 'camera1', 'live')
  await expect.poll(async () => (await received(page, 'camera1')).framesDecoded).toBeGreaterThan(60)
  const [before, fromMs] = [await received(page, 'camera1'), performance.now()]

  await save(
    program,
    (toml) => `${toml}\n[camera3]\ndevice = "test:ball"\nwidth = 320\nwebrtc-port = ${spare}\n`,
  )
  await until(async () => (await program.health()).cameras['camera3']?.state === 'live', 10_000)
  await save(program, (toml) => toml.replace('[camera2]', '[camera2]\nfps = 15'))
  await until(async () => (await program.health()).cameras['camera2']!.restarts === 1, 10_000)
  await save(program, (toml) => toml.replace(/\[camera3\][^]*/, ''))
  await until(async () => (await program.health()).cameras['camera3'] === undefined, 10_000)
  await save(program, (toml) => toml.replace('[webrtc]', '[webrtc]\nmax-clients = 9'))

  await expect
    .poll(async () => (await received(page, 'camera1')).framesDecoded, { timeout: 10_000 })
    .toBeGreaterThan(before.framesDecoded + 120)
  const [after, seconds] = [await received(page, 'camera1'), (performance.now() - fromMs) / 1000]
  const decoded = after.framesDecoded - before.framesDecoded
  console.log(
    `frames decoded ${decoded} in ${seconds.toFixed(1)} s, packets lost ${after.packetsLost - before.packetsLost}`,
    `frames dropped ${after.framesDropped - before.framesDropped}, freezes ${after.freezeCount - before.freezeCount}`,
  )
  expect(after.packetsLost - before.packetsLost).toBe(0)
  // The browser may drop late frames on busy cores. Every packet arrived, on the same connection, from the same process.
  expect(program.output()).not.toContain('viewer left')
  expect((await program.health()).cameras['camera1']).toMatchObject({ restarts: 0, viewers: 1 })
})

test('a page stays connected through new settings, reconnects for a new codec, and follows the cameras of the file', async ({
  page,
}) => {
  await using program = await startProgram({ tables: twoTestCameras('vp8') })
  await page.goto(program.url)
  for (const camera of ['camera1', 'camera2']) await expectState(page, camera, 'live')
  await save(program, (toml) => toml.replace('[camera1]', '[camera1]\nwidth = 320\nheight = 240'))
  await expect.poll(async () => (await received(page, 'camera1')).frameWidth, { timeout: 10_000 }).toBe(320)
  expect(program.output()).not.toContain('viewer left')

  await save(program, (toml) => toml.replace('[camera1]', '[camera1]\ncodec = "h264"'))
  await expect
    .poll(async () => (await received(page, 'camera1')).codec, { timeout: 15_000 })
    .toBe('video/H264')
  await expectState(page, 'camera1', 'live')

  await save(program, (toml) => toml.replace(/\[camera2\][^]*?\[/, '['))
  await expect(page.locator('camera-tile')).toHaveCount(1)
  await expectState(page, 'camera1', 'live')

  const [spare] = await freePorts(1)
  const decoded = (await received(page, 'camera1')).framesDecoded
  await save(
    program,
    (toml) =>
      `${toml.replace('[camera1]', '[camera1]\nname = "Bird box"')}\n[camera3]\ndevice = "test:ball"\nwebrtc-port = ${spare}\n`,
  )
  await expectState(page, 'camera3', 'live')
  expect((await received(page, 'camera3')).framesDecoded).toBeGreaterThan(0)
  await expect(page.getByRole('group', { name: 'Bird box' })).toBeVisible()
  // The other tile is the same: its connection goes on counting.
  await expect.poll(async () => (await received(page, 'camera1')).framesDecoded).toBeGreaterThan(decoded + 30)
  expect(program.output().match(/viewer joined camera=camera1/g)).toHaveLength(2) // at first, and for the new codec
})

test('the own page of a camera says that it was removed', async ({ page }) => {
  await using program = await startProgram({ tables: twoTestCameras('vp8') })
  await page.goto(`${program.url}/camera2/`)
  await expectState(page, 'camera2', 'live')
  await save(program, (toml) => toml.replace(/\[camera2\][^]*?\[/, '['))
  const tile = page.locator('[data-camera="camera2"]')
  await expect(tile).toContainText('Camera removed')
  await expect(tile).toContainText('removed from the configuration')
})

test('a new version of the program reloads the page once nobody uses it', async ({ page }) => {
  await using program = await startProgram({ tables: twoTestCameras('vp8') })
  await page.route(
    '**/',
    async (route) => {
      const response = await route.fetch()
      const html = (await response.text()).replace(/"version":"[^"]*"/, '"version":"0.0.0"')
      await route.fulfill({ response, body: html })
    },
    { times: 1 },
  )
  await page.goto(program.url)
  const loads = page.waitForEvent('load', { timeout: 30_000 }) // the next one: of the page as it is
  await page.mouse.move(10, 10)
  await loads
  await expectState(page, 'camera1', 'live')
  const bootstrap = await page.locator('#bootstrap').textContent()
  expect(bootstrap).toMatch(/"version":"\d+\.\d+\.\d+/)
  expect(bootstrap).not.toContain('"version":"0.0.0"')
})
