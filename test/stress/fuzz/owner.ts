import { readFile, writeFile } from 'node:fs/promises'
import { parseConfig } from '../../../src/config/parse.js'
import { inBatches, type EntryPoint } from './entry-point.js'
import type { Unit } from './meter.js'
import { mutateText } from './mutate.js'
import { judge } from './offers.js'
import type { Random } from './random.js'
import type { Target } from './target.js'

const AT_ONCE = 8
/** Of the changes that can be made; each loads the configuration. */
const APPLIED = 0.05

const PATHS = ['settings/preview', 'settings', 'settings/undo', 'cameras/camera1/restart', 'restart']
const READS = [
  'settings',
  'devices',
  'cameras/camera1/sizes',
  'cameras/__proto__/sizes',
  'doctor',
  'log',
  'log?after=7',
  'log?after=-1',
  'log?after=1e3&after=2',
]
const NAMES = [
  'name',
  'width',
  'height',
  'fps',
  'flip-method',
  'bitrate',
  'overlay',
  'device',
  'controls',
  '__proto__',
  'constructor',
]
const VALUES = [
  640,
  33,
  -1,
  1e308,
  0.5,
  true,
  null,
  '',
  '5-30',
  'a"]\\\n[server]\nweb-port = 1',
  '"""',
  "'''",
  '%Y'.repeat(400),
  '\u0000\u007f\u2028',
  '😀'.repeat(200),
  '\ud800',
  [1, 2],
  { a: { b: 1 } },
]

function bodyOf(random: Random): string {
  const values = Object.fromEntries(
    Array.from({ length: 1 + random.below(4) }, () => [random.of(NAMES), random.of(VALUES)]),
  )
  const camera = random.of(['camera1', 'camera1', 'camera1', 'camera9', '__proto__', '', 'server'])
  const change = random.happens(0.8)
    ? { camera, values }
    : { add: random.of(['/dev/video0', '', 'x'.repeat(5000)]) }
  const text = JSON.stringify(random.happens(0.3) ? { ...change, preview: 'x' } : change)
  return random.happens(0.3) ? mutateText(text, random) : text
}

/** A name that may be anything: the file has it, or the answer says what is wrong. The address of the camera stays. */
const nameOf = (random: Random): string =>
  mutateText(random.of(['Bird "box"', "it's", '] # [server]', '\\u0000', '🎥 = 1']), random).slice(0, 900)

async function post(
  target: Target,
  path: string,
  body: string,
): Promise<{ status: number; preview?: string }> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${target.program.url}/api/${path}`, { method: 'POST', headers, body })
  judge(target, response.status, `${path} ${body}`)
  const text = await response.text()
  return { status: response.status, ...(JSON.parse(text) as { preview?: string }) }
}

/** Writes a name by way of its preview, and checks that the file is a configuration whose only difference is this name. */
async function applyName(target: Target, name: string, before: string): Promise<boolean> {
  const change = { camera: 'camera1', values: { name } }
  const { preview } = await post(target, 'settings/preview', JSON.stringify(change))
  if (preview === undefined) return false
  const { status } = await post(target, 'settings', JSON.stringify({ ...change, preview }))
  const { configPath } = target.program
  const [was, is] = [before, await readFile(configPath, 'utf8')].map((text) => parseConfig(text, 'file'))
  const cameras = was!.cameras.map((one) =>
    one.key === 'camera1' ? { ...one, name: is!.cameras[0]!.name } : one,
  )
  if (JSON.stringify({ ...was, cameras }) !== JSON.stringify(is))
    target.find(`the name ${JSON.stringify(name)} changed more of the file than a name`)
  return status === 200
}

export const owner: EntryPoint = {
  name: 'owner',
  about: 'changes of the configuration file, searches, checks and the log, asked wrongly and at once',
  attack: async (target, random, inputs) => {
    const { configPath, url } = target.program
    const before = await readFile(configPath, 'utf8')
    let applied = 0
    await inBatches(target, inputs, AT_ONCE, (): Unit => {
      const isRead = random.happens(0.3)
      const path = isRead ? random.of(READS) : random.of(PATHS)
      const body = bodyOf(random)
      return {
        entry: path,
        inputs: 1,
        bytes: body.length,
        about: () => `${path} ${body.slice(0, 2000)}`,
        send: async () => {
          if (!isRead) {
            await post(target, path, body)
            return
          }
          const response = await fetch(`${url}/api/${path}`)
          await response.arrayBuffer()
          judge(target, response.status, path)
        },
      }
    })
    if ((await readFile(configPath, 'utf8')) !== before)
      target.find('the file was changed without the preview of the change')
    for (let left = Math.ceil(inputs * APPLIED); left > 0; left--)
      if (await applyName(target, nameOf(random), before)) applied++
    if (applied === 0) target.find('no change was applied: nothing of this was tried')
    await writeFile(configPath, before)
  },
}
