import { spawnSync } from 'node:child_process'
import { expect, test } from '@playwright/test'
import { startProgram } from '../test/support/program.js'
import { expectState, received } from './helpers/tile.js'

/** libcamera is not installed everywhere. */
const hasLibcamera = spawnSync('gst-inspect-1.0', ['libcamerasrc']).status === 0

for (const [title, device, cause] of [
  ['a V4L2 device', '/dev/video99', 'no-device'],
  [
    'a libcamera name',
    '/base/axi/pcie@1000120000/rp1/i2c@88000/imx219@10',
    hasLibcamera ? 'no-camera' : 'missing-plugin',
  ],
] as const) {
  test(`for ${title} that does not exist the page shows cause and hint, and the other camera plays`, async ({
    page,
  }) => {
    await using program = await startProgram({
      tables: `[camera1]\ndevice = "${device}"\nwebrtc-port = $PORT1\n[camera2]\ndevice = "test:smpte"\nwebrtc-port = $PORT2\n[webrtc]\nudp-port = $UDP`,
    })
    await page.goto(program.url)
    await expectState(page, 'camera2', 'live')
    await expectState(page, 'camera1', 'lost')
    await expect(page).toHaveTitle('⚠ Camera 1 · Cameras · rpi-webrtc')
    const health = await program.health()
    expect(health.status).toBe('degraded')
    expect(health.cameras['camera1']).toMatchObject({ state: 'lost', cause })
    expect(health.cameras['camera2']!.state).toBe('live')
    const status = page.locator('[data-camera="camera1"] .status')
    await expect(status).toContainText(health.cameras['camera1']!.message!)
    await expect(status).toContainText(health.cameras['camera1']!.hint!)
    await expect.poll(async () => (await received(page, 'camera2')).framesDecoded).toBeGreaterThan(60)
    expect((await fetch(`${program.url}/health`)).status).toBe(503)
  })
}
