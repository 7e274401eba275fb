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

test('a page stays connected through new settings, reconnects for a new codec, and reports a removed camera', async ({
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
  const tile = page.locator('[data-camera="camera2"]')
  await expect(tile).toContainText('Camera removed')
  await expect(tile).toContainText('removed from the configuration')
  await expectState(page, 'camera1', 'live')
})
