import assert from 'node:assert/strict'
import type { Case } from '../inside/case.js'
import { forget, requests } from '../inside/encoder.js'
import { gstreamerVersion, isAtLeast } from '../inside/versions.js'
import { VIVID } from '../inside/vivid.js'

const FRAMES = 60

const encoded = (width: number, height: number, flip: string): Case => ({
  name: `v4l2h264enc ${width}x${height}, ${flip}`,
  does: 'shows vivid with the real v4l2h264enc, to a viewer who decodes it',
  expects: `${FRAMES} frames decoded, none missing; the driver got bit rate, headers and keyframe interval as they are configured`,
  limitS: 120,
  async play(stage) {
    await forget()
    const program = await stage.serve(
      `[camera1]\ndevice = "${VIVID}"\nwidth = ${width}\nheight = ${height}\nfps = 10\ncodec = "h264"\n` +
        `encoder = "v4l2h264enc"\nbitrate = 500000\nkeyframe-interval = 20\nflip-method = "${flip}"\n`,
    )
    await stage.state(program, ({ state }) => state === 'live')
    const video = await stage.watch(program, 'camera1', 'h264')
    await stage.until('the first picture', video.picture)
    const before = video.keyframes()
    video.requestKeyframe()
    await stage.until(`${FRAMES} pictures`, () => (video.decoded() >= FRAMES ? true : undefined))
    const { missing, backward, frames } = video.seen()
    assert.deepEqual({ missing, backward }, { missing: 0, backward: 0 })

    const asked = await requests()
    // The last of each: the driver sets its own defaults when it is opened.
    const last = (control: string): string | undefined =>
      asked.filter((line) => line.startsWith(`${control} = `)).at(-1)
    assert.equal(last('Video Bitrate'), 'Video Bitrate = 500000')
    assert.equal(last('Repeat Sequence Header'), 'Repeat Sequence Header = 1')
    const forced = asked.filter((line) => line.startsWith('Force Key Frame')).length
    // v4l2h264enc before 1.22.4 ignores requests; the program shortens the interval instead and says so.
    if (isAtLeast(await gstreamerVersion(), [1, 22, 4])) assert.ok(forced > 0, 'no keyframe was forced')
    else assert.match(program.output(), /cannot make a keyframe on demand/)
    return `${video.decoded()} of ${frames} frames decoded, ${video.keyframes() - before} keyframes, ${forced} forced, ${last('H264 I-Frame Period')}`
  },
})

export const hardwareEncoder: Case[] = [
  encoded(640, 360, 'none'),
  // bcm2835-codec accepts every even size.
  encoded(320, 180, 'clockwise'),
]
