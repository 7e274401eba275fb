import { expect, test } from '@playwright/test'
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { childrenOf, commandLineOf, runProgram, startProgram } from '../test/support/program.js'
import { barsOf, decodeJpeg } from '../test/fakes/jpeg.js'
import { barRegions, expectColours, expectState, meanColours, received, smpteBars } from './helpers/tile.js'

const module = '/base/soc/i2c0mux/i2c@1/imx219@10'
const env = {
  GST_PLUGIN_PATH: fileURLToPath(new URL('../test/fakes', import.meta.url)),
  GST_REGISTRY: join(tmpdir(), `rpi-webrtc-standin-${process.pid}.bin`),
  STANDIN_CAMERAS: module,
}

// A kept registry would remember an element that once failed to load.
test.afterAll(() => rmSync(env.GST_REGISTRY, { force: true }))

test.beforeAll(() => {
  const probe = spawnSync('gst-inspect-1.0', ['v4l2h264enc'], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  expect(probe.stdout, 'the stand-in elements need gstreamer1.0-python3-plugin-loader').toContain('stand-in')
})

for (const encoder of ['v4l2h264enc', 'x264enc']) {
  for (const [flipMethod, columns] of [
    ['none', smpteBars],
    ['rotate-180', undefined],
    ['horizontal-flip', [...smpteBars].reverse()],
  ] as const) {
    test(`the Pi's own line plays: libcamerasrc, ${encoder}, flip-method ${flipMethod}`, async ({ page }) => {
      const tables = `[camera1]\ndevice = "${module}"\nwidth = 640\nheight = 480\nfps = 30\nwebrtc-port = $PORT1\nflip-method = "${flipMethod}"
[video]\ncodec = "h264"\nencoder = "${encoder}"\n[webrtc]\nudp-port = $UDP`
      await using program = await startProgram({ tables, env })
      await page.goto(program.url)
      await expectState(page, 'camera1', 'live')
      await expect.poll(async () => (await received(page, 'camera1')).framesDecoded).toBeGreaterThan(30)
      // Rotated by 180 degrees, the seven bars are at the bottom and reversed.
      const regions = columns === undefined ? barRegions.map((region) => ({ ...region, y: 0.5 })) : barRegions
      expectColours(await meanColours(page, 'camera1', regions), [...(columns ?? [...smpteBars].reverse())])

      const [capture] = await childrenOf(program.pid)
      const running = await commandLineOf(capture!)
      expect(running).toContain(`camera-name=${module}`)
      expect(running.some((word) => word === encoder)).toBe(true)
      const printed = await runProgram(['pipeline', 'camera1', '--config', program.configPath], env)
      const words = spawnSync('sh', ['-c', `printf '%s\\n' ${printed.stdout.trim()}`], { encoding: 'utf8' })
      // The printed pipeline is the running one without the snapshot branch at its end.
      const printedWords = words.stdout.trim().split('\n')
      expect(printedWords).toEqual(running.slice(0, printedWords.length))
      expect(running[printedWords.length]).toBe('raw.')

      const snapshot = await fetch(`${program.url}/camera1/snapshot.jpg?max_delay=0`)
      const still = decodeJpeg(new Uint8Array(await snapshot.arrayBuffer()))
      const bars = [...(columns ?? [...smpteBars].reverse())]
      expectColours(barsOf(still, columns === undefined ? 0.5 : 0.3), bars)
    })
  }
}
