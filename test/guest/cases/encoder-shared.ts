import assert from 'node:assert/strict'
import type { Case } from '../inside/case.js'
import { setControls, vividNodes } from '../inside/vivid.js'

const FRAMES = 40
const SOLID_BLACK = 5
const SOLID_WHITE = 6
/** vivid writes its settings over half of a picture of 320x180, dark on white and bright on black. */
const NO_TEXT = 2

const table = (device: string, index: number): string =>
  `[camera${index + 1}]\ndevice = "${device}"\nwidth = 320\nheight = 180\nfps = 10\ncodec = "h264"\nbitrate = 300000\nencoder = "v4l2h264enc"\n`

export const encoderShared: Case = {
  name: 'two cameras, one encoder',
  does: 'shows a white and a black vivid camera at the same time, both through v4l2h264enc, to a viewer each',
  expects: `${FRAMES} frames decoded at both, and each viewer sees the camera that it asked for`,
  limitS: 180,
  async play(stage) {
    const devices = await vividNodes()
    const patterns = [SOLID_WHITE, SOLID_BLACK]
    for (const [index, test_pattern] of patterns.entries())
      await setControls(devices[index]!, { test_pattern, osd_text_mode: NO_TEXT })
    try {
      const program = await stage.serve(devices.map(table).join(''))
      const cameras = ['camera1', 'camera2']
      for (const camera of cameras) await stage.state(program, ({ state }) => state === 'live', 60, camera)
      const videos = await Promise.all(
        cameras.map(async (camera) => await stage.watch(program, camera, 'h264')),
      )
      for (const video of videos)
        await stage.until(`${FRAMES} pictures`, () => (video.decoded() >= FRAMES ? true : undefined))
      const [white, black] = videos.map((video) => video.picture()!.mean)
      assert.ok(white! - black! > 100, `mean luminance ${white!.toFixed(0)} and ${black!.toFixed(0)}`)
      // Two encoders and two decoders starve the emulated processor, so the viewers' sockets may overflow.
      const missing = videos.map((video) => video.seen().missing).join(' and ')
      return `${videos.map((video) => video.decoded()).join(' and ')} frames decoded, ${missing} packets missing, mean luminance ${white!.toFixed(0)} and ${black!.toFixed(0)}`
    } finally {
      for (const device of devices) await setControls(device, { test_pattern: 0, osd_text_mode: 0 })
    }
  },
}
