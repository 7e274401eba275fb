import { expect, test } from '@playwright/test'
import { startProgram } from '../test/support/program.js'
import { expectState, received } from './helpers/tile.js'

test('four pages play one camera; a fifth shows that it is full and connects when one closes', async ({
  browser,
}) => {
  await using program = await startProgram({
    tables:
      '[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\nfps = 15\n[webrtc]\nudp-port = $UDP\nmax-clients = 4',
  })
  const context = await browser.newContext()
  const pages = []
  for (let i = 0; i < 4; i++) {
    const page = await context.newPage()
    await page.goto(program.url)
    await expectState(page, 'camera1', 'live')
    pages.push(page)
  }
  const fifth = await context.newPage()
  await fifth.goto(program.url)
  await expectState(fifth, 'camera1', 'full')
  await expect(fifth.locator('[data-camera="camera1"] .status')).toContainText('maximum of 4 viewers')
  for (const page of pages)
    await expect.poll(async () => (await received(page, 'camera1')).framesDecoded).toBeGreaterThan(20)
  expect((await program.health()).cameras['camera1']!.viewers).toBe(4)

  await pages[0]!.close()
  await expectState(fifth, 'camera1', 'live', 8000)
  await expect.poll(async () => (await received(fifth, 'camera1')).framesDecoded).toBeGreaterThan(10)
  await context.close()
  await expect
    .poll(async () => (await program.health()).cameras['camera1']!.viewers, { timeout: 30_000 })
    .toBe(0)
})

test('a page that is loaded again gets its slot back before a page that waits', async ({ browser }) => {
  await using program = await startProgram({
    tables:
      '[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\nfps = 15\n[webrtc]\nudp-port = $UDP\nmax-clients = 1',
  })
  const context = await browser.newContext()
  const [watching, waiting] = [await context.newPage(), await context.newPage()]
  await watching.goto(program.url)
  await expectState(watching, 'camera1', 'live')
  await waiting.goto(program.url)
  await expectState(waiting, 'camera1', 'full')
  for (let i = 0; i < 3; i++) {
    await watching.reload()
    await expectState(watching, 'camera1', 'live')
    await expectState(waiting, 'camera1', 'full')
  }
  expect(program.output()).toContain('page-left')
  await context.close()
})

test('a page above the limit of the server names that limit, and connects when a place is free', async ({
  browser,
}) => {
  await using program = await startProgram({
    tables:
      '[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\nfps = 15\n[webrtc]\nudp-port = $UDP\nmax-clients = 4\n[limits]\nmax-viewers = 1',
  })
  const context = await browser.newContext()
  const [watching, waiting] = [await context.newPage(), await context.newPage()]
  await watching.goto(program.url)
  await expectState(watching, 'camera1', 'live')
  await waiting.goto(program.url)
  const status = waiting.locator('[data-camera="camera1"] .status')
  await expect(status).toContainText('All cameras together have their maximum of viewers')
  await watching.close()
  await expectState(waiting, 'camera1', 'live', 8000)
  await expect.poll(async () => (await received(waiting, 'camera1')).framesDecoded).toBeGreaterThan(10)
  await context.close()
})
