import { describe, expect, test } from 'vitest'
import { addCamera, editCamera, type CameraEdits } from './edit-camera.js'
import { diffConfig } from './diff.js'
import { parseConfig } from './parse.js'

const DEVICE = 'device = "/dev/video0"\n'

/** Edits, and checks that the configuration differs in these keys only. */
function edit(toml: string, edits: CameraEdits, keys: string[]): string {
  const edited = editCamera(toml, 'camera1', edits)
  const diff = diffConfig(parseConfig(toml, 'file'), parseConfig(edited, 'file'))
  expect(diff.keys.sort()).toEqual(keys.map((key) => `camera1.${key}`).sort())
  return edited
}

describe('a table', () => {
  const file = `# mine\n[camera1] # first\n${DEVICE}width = 640 # wide\n\n# light\n[camera1.controls]\nbrightness = 10\n\n[video]\ncodec = "h264"\n`
  test('has another value, and everything else stays', () =>
    expect(edit(file, { width: 800 }, ['width'])).toBe(file.replace('640', '800')))
  test('gets lines behind its last key', () =>
    expect(edit(file, { name: 'Bird "box"', height: 600 }, ['name', 'height'])).toBe(
      file.replace('# wide\n', '# wide\nname = "Bird \\"box\\""\nheight = 600\n'),
    ))
  test('loses a line, but no comment', () =>
    expect(edit(file.replace('640', '800'), { width: null }, ['width'])).toBe(
      file.replace('width = 640 # wide', '# wide'),
    ))
  test('does all of it at once', () =>
    expect(edit(file, { device: '/dev/video1', width: null, fps: 15 }, ['device', 'fps'])).toBe(
      file.replace('video0', 'video1').replace('width = 640 # wide\n', '# wide\nfps = 15\n'),
    ))
  test('keeps CRLF', () =>
    expect(edit(file.replaceAll('\n', '\r\n'), { fps: '5-30' }, ['fps'])).toBe(
      file.replace('# wide\n', '# wide\nfps = "5-30"\n').replaceAll('\n', '\r\n'),
    ))
  test('may end the file without a line end', () =>
    expect(edit(`[camera1]\n${DEVICE.trim()}`, { fps: 15 }, ['fps'])).toBe(`[camera1]\n${DEVICE}fps = 15\n`))
  test('keeps what it has if a key that it lacks is removed', () =>
    expect(edit(file, { fps: null }, [])).toBe(file))
})

test('dotted keys are edited and added as such', () => {
  const file = `camera1.device = "/dev/video0"\ncamera1.width = 640\n[video]\ncodec = "vp8"\n`
  expect(edit(file, { width: 800, height: 600 }, ['width', 'height'])).toBe(
    file.replace('camera1.width = 640\n', 'camera1.width = 800\ncamera1.height = 600\n'),
  )
})

test('an inline table keeps the text of what is unchanged', () => {
  const file = `camera1 = {device="/dev/video0",  width = 800, controls = { gain = 1 }} # one\n`
  expect(edit(file, { width: null, fps: 15 }, ['width', 'fps'])).toBe(
    `camera1 = { device="/dev/video0", controls = { gain = 1 }, fps = 15 } # one\n`,
  )
})

describe('a new camera', () => {
  const values = { device: '/dev/video1', width: 640 }
  const table = '[camera2]\ndevice = "/dev/video1"\nwidth = 640\n'
  const add = (toml: string): string => {
    const added = addCamera(toml, 'camera2', values)
    expect(diffConfig(parseConfig(toml, 'file'), parseConfig(added, 'file')).keys).toEqual(['camera2'])
    return added
  }
  test('comes behind the other cameras, above the comments of the next table', () =>
    expect(
      add(`[camera1]\n${DEVICE}[camera1.controls]\ngain = 1\n\n# all of them\n[video]\ncodec = "vp8"\n`),
    ).toBe(
      `[camera1]\n${DEVICE}[camera1.controls]\ngain = 1\n\n${table}\n# all of them\n[video]\ncodec = "vp8"\n`,
    ))
  test('comes at the end behind dotted keys', () =>
    expect(add(`camera1.device = "/dev/video0"\n[video]\ncodec = "vp8"`)).toBe(
      `camera1.device = "/dev/video0"\n[video]\ncodec = "vp8"\n\n${table}`,
    ))
  test('keeps CRLF', () =>
    expect(add(`[camera1]\r\ndevice = "/dev/video0"\r\n`)).toBe(
      `[camera1]\r\ndevice = "/dev/video0"\r\n\r\n${table.replaceAll('\n', '\r\n')}`,
    ))
  test('is the first one of a file without cameras', () => {
    expect(addCamera('', 'camera2', values)).toBe(table)
    expect(addCamera('[server]\nweb-port = 80\n', 'camera2', values)).toBe(
      `[server]\nweb-port = 80\n\n${table}`,
    )
  })
})
