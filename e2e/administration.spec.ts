import { expect, test } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { expectState, received } from './helpers/tile.js'

const camera = '[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP'

interface Listed {
  id: number
  via: string
  address?: string
  connected: boolean
  sent_packets?: number
}

async function listed(program: Program): Promise<Listed[]> {
  const { viewers } = (await (await fetch(`${program.url}/api/viewers`)).json()) as { viewers: Listed[] }
  return viewers
}

test('a camera restarted on request keeps its viewers', async ({ page }) => {
  await using program = await startProgram({ tables: camera })
  await page.goto(`${program.url}/camera1/`)
  await expectState(page, 'camera1', 'live')
  const [before] = await listed(program)

  const answer = await fetch(`${program.url}/api/cameras/camera1/restart`, { method: 'POST' })
  expect(answer.status).toBe(202)
  await expect
    .poll(async () => (await (await fetch(`${program.url}/api/cameras/camera1`)).json()) as unknown)
    .toMatchObject({ state: 'live', restarts_by_cause: { requested: 1 } })
  const { framesDecoded } = await received(page, 'camera1')
  await expect
    .poll(async () => (await received(page, 'camera1')).framesDecoded, { timeout: 10_000 })
    .toBeGreaterThan(framesDecoded + 30)
  expect(await listed(program)).toMatchObject([{ id: before!.id, connected: true }])
})

test('a removed viewer sees why, does not reconnect by itself, and can reconnect by hand', async ({
  page,
}) => {
  await using program = await startProgram({ tables: camera })
  await page.goto(`${program.url}/camera1/`)
  await expectState(page, 'camera1', 'live')
  const [viewer] = await listed(program)
  expect(viewer).toMatchObject({ via: 'websocket', address: '127.0.0.1', connected: true })
  expect(viewer!.sent_packets).toBeGreaterThan(0)

  expect((await fetch(`${program.url}/api/viewers/${viewer!.id}`, { method: 'DELETE' })).status).toBe(204)
  await expectState(page, 'camera1', 'unsupported')
  await expect(page.locator('[data-camera="camera1"] .status')).toContainText(
    'An administrator ended this session',
  )
  await page.screenshot({ path: 'test-results/removed-viewer.png' })
  expect(await listed(program)).toEqual([])
  expect((await fetch(`${program.url}/api/viewers/${viewer!.id}`, { method: 'DELETE' })).status).toBe(404)

  await page.locator('[data-camera="camera1"] .action').click()
  await expectState(page, 'camera1', 'live')
  expect(await listed(program)).toHaveLength(1)
})
