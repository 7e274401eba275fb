import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Case } from '../inside/case.js'
import { VIVID } from '../inside/vivid.js'

export const heldCamera: Case = {
  name: 'held by another program',
  does: 'starts while v4l2-ctl streams from the camera, then ends v4l2-ctl',
  expects: 'the cause camera-busy, and live by itself afterwards',
  limitS: 150,
  async play(stage) {
    const holder = spawn('v4l2-ctl', ['-d', VIVID, '--stream-mmap', '--stream-count=1000000'], {
      stdio: 'ignore',
    })
    const released = once(holder, 'exit')
    try {
      const program = await stage.serve(
        `[camera1]\ndevice = "${VIVID}"\nwidth = 320\nheight = 180\nfps = 10\ncodec = "vp8"\nbitrate = 500000\n`,
      )
      const { message, cause } = await stage.state(program, ({ state }) => state === 'lost')
      assert.equal(cause, 'camera-busy')
      holder.kill('SIGKILL')
      await released
      const { restarts } = await stage.state(program, ({ state }) => state === 'live')
      return `"${message}", live after ${restarts} restarts`
    } finally {
      holder.kill('SIGKILL')
    }
  },
}
