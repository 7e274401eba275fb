import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { Case } from '../inside/case.js'
import type { Program } from '../../support/program.js'
import { plugIn, readControl, unplug, VIVID } from '../inside/vivid.js'

interface Answer {
  controls: { name: string; value?: number; min?: number; max?: number; applies: string }[]
}

export const controlsApi: Case = {
  name: 'controls of the program',
  does: 'starts with a brightness in the file, changes it with PATCH while a viewer watches, unplugs the camera, and saves',
  expects:
    'the driver has each value, the picture follows it without a restart, the value survives the replug and is in the file',
  limitS: 240,
  async play(stage) {
    const program = await stage.serve(
      `[camera1]\ndevice = "${VIVID}"\nwidth = 320\nheight = 180\nfps = 10\ncodec = "vp8"\nbitrate = 500000\n` +
        `[camera1.controls]\nbrightness = 100 # a comment\n`,
    )
    await stage.state(program, ({ state }) => state === 'live')
    await hasBrightness(100)
    const { controls } = await request(program, 'GET')
    const { min, max, value, applies } = controls.find(({ name }) => name === 'brightness')!
    assert.deepEqual({ min, max, value, applies }, { min: 0, max: 255, value: 100, applies: 'live' })

    const video = await stage.watch(program, 'camera1', 'vp8')
    const { mean } = await stage.until('the first picture', video.picture)
    const begunMs = performance.now()
    await request(program, 'PATCH', { brightness: 200 })
    await stage.until('a brighter picture', () => (video.picture()!.mean > mean + 30 ? true : undefined))
    const seenMs = performance.now() - begunMs
    assert.equal(await readControl(VIVID, 'brightness'), 200)
    assert.equal((await program.health()).cameras['camera1']!.restarts, 0)

    await unplug()
    await stage.state(program, ({ state }) => state === 'lost')
    await plugIn()
    await stage.state(program, ({ state }) => state === 'live')
    await hasBrightness(200)
    await request(program, 'POST', undefined, '/save')
    const text = await readFile(program.configPath, 'utf8')
    assert.match(text, /^brightness = 200 # a comment$/m)
    return `${controls.length} controls; mean luminance ${mean.toFixed(0)}, then ${video.picture()!.mean.toFixed(0)}, seen ${seenMs.toFixed(0)} ms after PATCH was sent; 200 after the replug and in the file`

    /** Controls are set once the stream runs. */
    async function hasBrightness(wanted: number): Promise<void> {
      await stage.until(`brightness ${wanted}`, async () =>
        (await readControl(VIVID, 'brightness')) === wanted ? true : undefined,
      )
    }
  },
}

async function request(program: Program, method: string, body?: object, path = ''): Promise<Answer> {
  const response = await fetch(`${program.url}/api/cameras/camera1/controls${path}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  assert.equal(response.status, 200, text)
  return JSON.parse(text) as Answer
}
