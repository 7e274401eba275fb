import assert from 'node:assert/strict'
import type { Case } from '../inside/case.js'
import { VIVID } from '../inside/vivid.js'

const FRAMES = 60

const played = (name: string, codec: 'vp8' | 'h264', keys: string): Case => ({
  name,
  does: `shows vivid with ${keys} to a viewer, who decodes it and requests keyframes`,
  expects: `${FRAMES} frames decoded in order, none missing, one keyframe per request, no restart`,
  limitS: 120,
  async play(stage) {
    const program = await stage.serve(
      `[camera1]\ndevice = "${VIVID}"\nwidth = 320\nheight = 180\nfps = 10\nbitrate = 500000\n${keys}\n`,
    )
    await stage.state(program, ({ state }) => state === 'live')
    const video = await stage.watch(program, 'camera1', codec)
    await stage.until('the first picture', video.picture)
    const before = video.keyframes()
    for (let requested = 1; requested <= 3; requested++) {
      video.requestKeyframe()
      await stage.until('the requested keyframe', () =>
        video.keyframes() >= before + requested ? true : undefined,
      )
    }
    await stage.until(`${FRAMES} pictures`, () => (video.decoded() >= FRAMES ? true : undefined))
    const { missing, backward, frames } = video.seen()
    assert.deepEqual({ missing, backward }, { missing: 0, backward: 0 })
    const { mean } = video.picture()!
    assert.ok(mean > 10 && mean < 245, `a picture with mean luminance ${mean.toFixed(0)}`)
    return `${video.decoded()} of ${frames} frames decoded, ${video.keyframes()} keyframes, mean luminance ${mean.toFixed(0)}`
  },
})

export const softwareEncoders: Case[] = [
  played('v4l2src, VP8', 'vp8', 'codec = "vp8"'),
  played('v4l2src, x264', 'h264', 'codec = "h264"\nencoder = "x264enc"'),
]
