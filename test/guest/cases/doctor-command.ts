import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import type { Case } from '../inside/case.js'
import type { Stage } from '../inside/stage.js'
import { nodesNamed, VIVID } from '../inside/vivid.js'

interface Check {
  id: string
  status: string
  message: string
  hint?: string
}

export const doctorCommand: Case = {
  name: 'doctor',
  does: 'runs `rpi-webrtc doctor --json` for a vivid camera, for the encoder in place of a camera, and for an output',
  expects: 'no problem with the first, a problem with each of the others',
  limitS: 150,
  async play(stage) {
    assert.deepEqual(await problemsWith(stage, VIVID), [])
    const others = [...(await nodesNamed(/^stateful-encoder$/)), ...(await nodesNamed(/-vid-out$/))]
    assert.equal(others.length, 2)
    for (const node of others)
      assert.notEqual((await problemsWith(stage, node)).length, 0, `doctor finds nothing wrong with ${node}`)
    return `1 good device, ${others.length} that are no cameras`
  },
}

async function problemsWith(stage: Stage, device: string): Promise<string[]> {
  await writeFile(
    '/tmp/doctor.toml',
    `[camera1]\ndevice = "${device}"\nwidth = 640\nheight = 360\nfps = 10\n`,
  )
  const { stdout } = await stage.command('doctor', '--json', '--config', '/tmp/doctor.toml')
  const { checks } = JSON.parse(stdout) as { checks: Check[] }
  return checks
    .filter(({ id, status }) => id.startsWith('camera-') && status !== 'ok')
    .map(({ message }) => message)
}
