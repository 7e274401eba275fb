import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import type { Case } from '../inside/case.js'
import { VIVID } from '../inside/vivid.js'

export const initCommand: Case = {
  name: 'init',
  does: 'writes a configuration with `rpi-webrtc init --stdout` and starts the program with its first table of a vivid camera',
  expects: 'H.264, because this machine has an encoder, and a size and rate at which the camera becomes live',
  limitS: 150,
  async play(stage) {
    const { code, stdout } = await stage.command('init', '--stdout')
    assert.equal(code, 0)
    assert.match(stdout, /^codec = "h264"/m)
    await writeFile('/tmp/init.toml', stdout)
    const { code: loads, stderr } = await stage.command('pipeline', 'camera1', '--config', '/tmp/init.toml')
    assert.equal(loads, 0, stderr)

    const tables = stdout.split(/^(?=\[)/m)
    const table = tables.find((text) => text.includes(`device = "${VIVID}"`))
    assert.ok(table, `no table for ${VIVID}`)
    const video = tables.find((text) => text.startsWith('[video]'))
    const program = await stage.serve(`${table.replace(/^\[camera\d+\]/, '[camera1]')}\n${video}`)
    await stage.state(program, ({ state }) => state === 'live')
    return /^width.*\n.*\n.*/m.exec(table)![0].replaceAll(/\s*\n\s*/g, ', ')
  },
}
