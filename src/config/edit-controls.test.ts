import { describe, expect, test } from 'vitest'
import type { Controls } from './controls.js'
import { editControls } from './edit-controls.js'
import { parseConfig } from './parse.js'

const controlsIn = (toml: string, camera = 'camera1'): Controls =>
  parseConfig(toml, 'config.toml').cameras.find(({ key }) => key === camera)!.controls

const edit = (toml: string, wanted: Controls, camera = 'camera1'): string => {
  const edited = editControls(toml, camera, controlsIn(toml, camera), wanted)
  const before = parseConfig(toml, 'config.toml')
  const after = {
    ...before,
    cameras: before.cameras.map((one) => (one.key === camera ? { ...one, controls: wanted } : one)),
  }
  expect(parseConfig(edited, 'config.toml')).toEqual(after)
  return edited
}

const DEVICE = 'device = "/dev/video0"\n'

describe('the table of controls', () => {
  const file = `# mine\n[camera1] # first\n${DEVICE}\n[camera1.controls]\n# light\nbrightness = 10   # dim\n  gain=3\n\n[video]\ncodec = "h264"\n`
  test('has another value, and everything else stays', () =>
    expect(edit(file, { brightness: 20, gain: 3 })).toBe(file.replace('= 10 ', '= 20 ')))
  test('loses a line, but no comment', () =>
    expect(edit(file, { gain: 3 })).toBe(file.replace('brightness = 10   # dim', '# dim')))
  test('loses its last line', () =>
    expect(edit(file, { brightness: 10 })).toBe(file.replace('  gain=3\n', '')))
  test('gets a line after its last', () =>
    expect(edit(file, { brightness: 10, gain: 3, hue: -5 })).toBe(
      file.replace('gain=3\n', 'gain=3\nhue = -5\n'),
    ))
  test('unchanged values change nothing', () => expect(edit(file, { brightness: 10, gain: 3 })).toBe(file))
  test('keeps CRLF', () =>
    expect(edit(file.replaceAll('\n', '\r\n'), { brightness: 11, gain: 3, hue: 1 })).toBe(
      file.replace('10 ', '11 ').replace('gain=3\n', 'gain=3\nhue = 1\n').replaceAll('\n', '\r\n'),
    ))
  test('may be empty', () =>
    expect(edit(`[camera1]\n${DEVICE}[camera1.controls]\n# none\n[video]\n`, { hue: 1 })).toBe(
      `[camera1]\n${DEVICE}[camera1.controls]\nhue = 1\n# none\n[video]\n`,
    ))
  test('may end the file without a line end', () =>
    expect(edit(`[camera1]\n${DEVICE}[camera1.controls]\nhue = 2`, { hue: 2, gain: 1 })).toBe(
      `[camera1]\n${DEVICE}[camera1.controls]\nhue = 2\ngain = 1\n`,
    ))
  test('may have quotes and spaces in its name', () =>
    expect(edit(`[camera1]\n${DEVICE}[ "camera1" . controls ]\n"hue" = 2\n`, { hue: 3 })).toBe(
      `[camera1]\n${DEVICE}[ "camera1" . controls ]\n"hue" = 3\n`,
    ))
  test('may come before the table of its camera', () =>
    expect(edit(`[camera1.controls]\nhue = 2\n[camera1]\n${DEVICE}`, { hue: 3 })).toBe(
      `[camera1.controls]\nhue = 3\n[camera1]\n${DEVICE}`,
    ))
})

test('an inline table keeps the text of what is unchanged', () => {
  const file = `[camera1]\n${DEVICE}controls = {hue=1,  gain =  2} # both\nname = "a"\n`
  expect(edit(file, { hue: 1, gain: 3 })).toBe(file.replace('{hue=1,  gain =  2}', '{ hue=1, gain =  3 }'))
  expect(edit(file, { gain: 2, iso: 1 })).toBe(file.replace('{hue=1,  gain =  2}', '{ gain =  2, iso = 1 }'))
  expect(edit(file, {})).toBe(file.replace('{hue=1,  gain =  2}', '{}'))
})

test('dotted keys', () => {
  const file = `[camera1]\n${DEVICE}controls.hue = 1\nname = "a"\n`
  expect(edit(file, { hue: 2, gain: 1 })).toBe(file.replace('hue = 1\n', 'hue = 2\ncontrols.gain = 1\n'))
  const top = `camera1.device = "/dev/video0"\ncamera1.controls.hue = 1\n[video]\n`
  expect(edit(top, { hue: 1, gain: 1 })).toBe(
    top.replace('hue = 1\n', 'hue = 1\ncamera1.controls.gain = 1\n'),
  )
  expect(edit(`camera1.device = "/dev/video0"\n[video]\n`, { hue: 1 })).toBe(
    `camera1.device = "/dev/video0"\ncamera1.controls.hue = 1\n[video]\n`,
  )
})

test('a camera in one line', () => {
  expect(edit(`camera1 = { device = "/dev/video0" }\n`, { hue: 1 })).toBe(
    `camera1 = { device = "/dev/video0", controls = { hue = 1 } }\n`,
  )
  expect(edit(`camera1 = { device = "/dev/video0", controls = { hue = 1 } }\n`, { hue: 2 })).toBe(
    `camera1 = { device = "/dev/video0", controls = { hue = 2 } }\n`,
  )
  expect(edit(`camera1 = { device = "/dev/video0", controls.hue = 1 }\n`, {})).toBe(
    `camera1 = { device = "/dev/video0" }\n`,
  )
})

test('a missing table comes after that of its camera, above what belongs to the next', () => {
  const file = `[camera1]\n${DEVICE}#width = 640\n\n# The second.\n[camera2]\ndevice = "test:ball"\n`
  expect(edit(file, { hue: 1 })).toBe(
    file.replace('#width = 640\n', '#width = 640\n\n[camera1.controls]\nhue = 1\n'),
  )
  expect(edit(`[camera1]\n${DEVICE}`, { hue: 1 })).toBe(`[camera1]\n${DEVICE}\n[camera1.controls]\nhue = 1\n`)
  expect(edit(`[camera1]\n${DEVICE}[video]\n`, { hue: 1 })).toBe(
    `[camera1]\n${DEVICE}\n[camera1.controls]\nhue = 1\n\n[video]\n`,
  )
})

test('values of several lines, and of every type', () => {
  const module = `[camera1]\ndevice = "/base/imx708@1a"\n[camera1.controls]\nzoom = [ # left\n  0.0, 0.0,\n  0.5, 0.5, # half\n]\nawb = 'auto'\n`
  expect(edit(module, { zoom: [0.25, 0, 0.5, 0.5], awb: 'daylight' })).toBe(
    `[camera1]\ndevice = "/base/imx708@1a"\n[camera1.controls]\nzoom = [0.25, 0.0, 0.5, 0.5]\nawb = "daylight"\n`,
  )
  expect(edit(`[camera1]\n${DEVICE}`, { a: 'Manual "Mode" \\', b: false, c: -3 })).toContain(
    'a = "Manual \\"Mode\\" \\\\"\nb = false\nc = -3\n',
  )
})

describe('random files', () => {
  /** Numerical Recipes' generator: the same files in each run. */
  const random = (seed: number) => (): number => (seed = (seed * 1664525 + 1013904223) % 2 ** 32) / 2 ** 32
  const NAMES = ['brightness', 'contrast', 'gain', 'hue', 'focus_absolute', 'auto_exposure']

  test('survive a change of their controls: all else parses as before, and every comment is still there', () => {
    for (let seed = 1; seed <= 400; seed++) {
      const next = random(seed)
      const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!
      const maybe = (text: string): string => (next() < 0.4 ? text : '')
      const value = (): string => pick([`${Math.floor(next() * 200) - 100}`, 'true', '"Mode # 1"', "'x'"])
      const space = (): string => pick(['', ' ', '  ', '\t'])
      const comment = (): string => maybe(`${space()}# ${pick(['note', '= [x] {', 'it\'s "odd'])} @${seed}`)
      const line = (key: string, text: string): string =>
        `${space()}${key}${space()}=${space()}${text}${comment()}\n`
      const chosen = NAMES.filter(() => next() < 0.5)
      const form = pick(['header', 'inline', 'dotted', 'none'] as const)
      const camera = (key: string): string => {
        const entries = chosen.map((name) => [name, value()] as const)
        const inline = `{${entries.map(([name, text]) => `${space()}${name}${space()}=${space()}${text}`).join(',')}${space()}}`
        return [
          maybe('# a camera\n'),
          `[${space().trim()}${key}]${comment()}\n`,
          line('device', `"/dev/${key}"`),
          form === 'inline' ? line('controls', inline) : '',
          form === 'dotted' ? entries.map(([name, text]) => line(`controls.${name}`, text)).join('') : '',
          maybe(line('name', '"[x] = 1"')),
          maybe('\n'),
          form === 'header'
            ? `[${key}.controls]${comment()}\n${maybe('# own\n')}${entries.map(([name, text]) => line(name, text)).join('')}`
            : '',
          maybe('\n'),
        ].join('')
      }
      const parts = [camera('camera1'), camera('camera2'), `[server]\n${line('web-port', '8080')}`]
      const text = (next() < 0.5 ? parts : [...parts].reverse()).join('')
      const toml = next() < 0.5 ? text : text.replaceAll('\n', '\r\n')
      const wanted: Record<string, number | boolean | string> = {}
      for (const name of NAMES) if (next() < 0.5) wanted[name] = pick([1, -7, false, 'Manual Mode'])
      const edited = edit(toml, wanted, pick(['camera1', 'camera2']))
      const comments = (of: string): string[] => of.match(/# (?:note|= \[x\] \{|it's "odd) @\d+/g) ?? []
      expect(comments(edited), toml).toEqual(comments(toml))
      expect(/(?<!\r)\n/.test(edited), toml).toBe(/(?<!\r)\n/.test(toml))
    }
  })
})
