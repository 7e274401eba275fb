import assert from 'node:assert/strict'
import type { Case } from '../inside/case.js'
import { readControl, setControls, VIVID } from '../inside/vivid.js'

export const control: Case = {
  name: 'v4l2-ctl beside the stream',
  does: 'sets the brightness of vivid with v4l2-ctl while a viewer watches it, and reads it back',
  expects: 'each value is in force, the picture follows it within a moment, and the stream goes on',
  limitS: 120,
  async play(stage) {
    const program = await stage.serve(
      `[camera1]\ndevice = "${VIVID}"\nwidth = 320\nheight = 180\nfps = 10\ncodec = "vp8"\nbitrate = 500000\n`,
    )
    await stage.state(program, ({ state }) => state === 'live')
    const video = await stage.watch(program, 'camera1', 'vp8')
    const { mean: middle } = await stage.until('the first picture', video.picture)
    const seen: number[] = []
    for (const [brightness, isRight] of [
      [255, (mean: number) => mean > middle + 50],
      [0, (mean: number) => mean < middle - 20],
      [128, (mean: number) => Math.abs(mean - middle) < 10],
    ] as const) {
      await setControls(VIVID, { brightness })
      assert.equal(await readControl(VIVID, 'brightness'), brightness)
      const { mean } = await stage.until(`the picture at brightness ${brightness}`, () => {
        const picture = video.picture()
        return picture !== undefined && isRight(picture.mean) ? picture : undefined
      })
      seen.push(Math.round(mean))
    }
    const { state, restarts } = await stage.state(program, () => true)
    assert.deepEqual({ state, restarts }, { state: 'live', restarts: 0 })
    return `mean luminance ${middle.toFixed(0)}, then ${seen.join(', ')} at brightness 255, 0, 128`
  },
}
