import assert from 'node:assert/strict'
import type { Case } from '../inside/case.js'

export const libcamera: Case = {
  name: 'libcamerasrc, VP8',
  does: 'shows the camera of vimc, which offers RGB only, as libcamera cameras of other boards do',
  expects:
    '30 frames decoded, none missing: the pipeline converts where libcamera has no format of the encoder',
  limitS: 150,
  async play(stage) {
    const program = await stage.serve(
      `[camera1]\ndevice = "platform/vimc.0 Sensor B"\nwidth = 318\nheight = 240\nfps = 10\ncodec = "vp8"\nbitrate = 500000\n`,
    )
    await stage.state(program, ({ state }) => state === 'live', 90)
    const video = await stage.watch(program, 'camera1', 'vp8')
    await stage.until('30 pictures', () => (video.decoded() >= 30 ? true : undefined))
    const { missing, frames } = video.seen()
    assert.equal(missing, 0)
    assert.match(program.output(), /trying to convert them/)
    return `${video.decoded()} of ${frames} frames decoded, mean luminance ${video.picture()!.mean.toFixed(0)}`
  },
}
