import assert from 'node:assert/strict'
import { readdirSync, realpathSync } from 'node:fs'
import type { Case } from '../inside/case.js'
import { output } from '../inside/commands.js'
import { VIVID, vividNodes } from '../inside/vivid.js'

export const camerasCommand: Case = {
  name: 'cameras',
  does: 'runs `rpi-webrtc cameras` on a machine with 8 or more video nodes, of which 3 belong to cameras',
  expects:
    'both vivid cameras by path, with the sizes that v4l2-ctl lists, the libcamera camera by name, and nothing else',
  limitS: 60,
  async play(stage) {
    const { code, stdout } = await stage.command('cameras')
    assert.equal(code, 0)
    const devices = Array.from(stdout.matchAll(/^device = "(.*)"/gm), ([, device]) => device!)
    const names = await namesOfVivid()
    for (const name of names) assert.ok(devices.includes(name), `not listed: ${name}`)
    assert.equal(
      devices.filter((device) => device.includes('vimc')).length,
      1,
      `vimc in ${devices.join(', ')}`,
    )
    assert.ok(
      devices.some((device) => /^platform\/vimc\.0 Sensor B$/.test(device)),
      'the libcamera name',
    )
    assert.equal(devices.length, names.length + 1, devices.join(', '))

    const listed = await output('v4l2-ctl', ['-d', VIVID, '--list-formats-ext'])
    const sizes = new Set(Array.from(listed.matchAll(/Size: Discrete (\d+x\d+)/g), ([, size]) => size!))
    for (const size of sizes) assert.ok(stdout.includes(size), `${size} is not listed`)
    const nodes = readdirSync('/dev').filter((name) => /^video\d+$/.test(name))
    return `${devices.length} cameras of ${nodes.length} video nodes, ${sizes.size} sizes`
  },
}

/** The lasting name of the camera that has one, and the node of the other. */
async function namesOfVivid(): Promise<string[]> {
  return (await vividNodes()).map((node) => (realpathSync(VIVID) === node ? VIVID : node))
}
