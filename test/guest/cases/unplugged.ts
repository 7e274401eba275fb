import assert from 'node:assert/strict'
import type { Case } from '../inside/case.js'
import { plugIn, unplug, VIVID } from '../inside/vivid.js'

export const unplugged: Case = {
  name: 'unplugged',
  does: 'takes the camera away from its driver while a viewer watches it, and gives it back',
  expects:
    'the cause and what to do while it is away; live again by itself; the same viewer goes on with a keyframe',
  limitS: 180,
  async play(stage) {
    const program = await stage.serve(
      `[camera1]\ndevice = "${VIVID}"\nwidth = 320\nheight = 180\nfps = 10\ncodec = "vp8"\nbitrate = 500000\n`,
    )
    await stage.state(program, ({ state }) => state === 'live')
    const video = await stage.watch(program, 'camera1', 'vp8')
    await stage.until('the first picture', video.picture)

    await unplug()
    const causes = new Set<string>()
    const away = await stage.state(program, ({ state, cause }) => {
      if (cause !== undefined) causes.add(cause)
      return state === 'lost' && cause === 'no-device'
    })
    assert.match(`${away.message} ${away.hint}`, /plug the camera in/i)
    const snapshot = await fetch(`${program.url}/camera1/snapshot.jpg?max_delay=0`)
    assert.equal(snapshot.status, 503)
    await snapshot.body?.cancel()

    const before = video.decoded()
    await plugIn()
    const backMs = performance.now()
    const { restarts } = await stage.state(program, ({ state }) => state === 'live')
    const liveS = (performance.now() - backMs) / 1000
    await stage.until('30 more pictures', () => (video.decoded() >= before + 30 ? true : undefined))
    const { missing, backward } = video.seen()
    assert.deepEqual({ missing, backward }, { missing: 0, backward: 0 })
    return `${[...causes].join(', then ')}; live ${liveS.toFixed(1)} s after it was back, ${restarts} restarts; the viewer decoded ${before} frames before and ${video.decoded() - before} after`
  },
}
