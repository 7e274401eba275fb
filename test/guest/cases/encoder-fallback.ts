import assert from 'node:assert/strict'
import type { Case } from '../inside/case.js'
import { breakEncoder } from '../inside/encoder.js'
import { VIVID } from '../inside/vivid.js'

const FRAMES = 30

const broken = (how: 'refuse' | 'stall', name: string, does: string): Case => ({
  name,
  does: `${does}, and starts the program a second time`,
  expects: `video encoded in software, ${FRAMES} frames decoded, the loss in the log; the second start remembers it`,
  limitS: 240,
  async play(stage) {
    await using _broken = await breakEncoder(how)
    const table = `[camera1]\ndevice = "${VIVID}"\nwidth = 320\nheight = 180\nfps = 10\ncodec = "h264"\nbitrate = 500000\n`
    const first = await stage.serve(table)
    const { restarts } = await stage.state(first, ({ state }) => state === 'live', 90)
    assert.match(first.output(), /the hardware encoder does not start; trying to encode in software/)
    const video = await stage.watch(first, 'camera1', 'h264')
    await stage.until(`${FRAMES} pictures`, () => (video.decoded() >= FRAMES ? true : undefined))
    const { missing } = video.seen()
    assert.equal(missing, 0)
    await video[Symbol.asyncDispose]()
    await first[Symbol.asyncDispose]()

    const second = await stage.serve(table)
    const again = await stage.state(second, ({ state }) => state === 'live')
    assert.match(second.output(), /encoded in software, as in an earlier run/)
    return `${restarts} restarts, then ${video.decoded()} frames decoded; ${again.restarts} restarts of the second start`
  },
})

export const encoderFallback: Case[] = [
  broken('refuse', 'encoder refuses to start', 'makes the start of the hardware encoder fail'),
  broken('stall', 'encoder delivers nothing', 'makes the hardware encoder accept pictures and return none'),
]
