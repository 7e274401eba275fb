import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { prepareCapture, rarelyKeyed, standInMachine } from '../../../test/fakes/capture.js'
import { gstEnvironment } from './environment.js'
import { explainFailure } from '../capture/explain-failure.js'
import { exec } from '../../lib/exec.js'
import { spawnChild } from '../capture/spawn.js'
import { gstValue } from './syntax.js'

const { machine, env, has } = await standInMachine()

/** Usual names, and names that could break one of the three parsers before the property. */
const names: readonly string[] = [
  'Hall',
  'Front door',
  'ends in a backslash\\',
  'ends in two\\\\',
  'ends in three\\\\\\',
  '\\begins with one',
  'a\\b',
  '\\',
  '\\\\',
  '"',
  '""',
  '"quoted"',
  'a "b" c',
  'a\\"b',
  'a"\\',
  '\\"',
  "it's",
  "'single'",
  'a ! b',
  '!',
  'a!b',
  'a;b',
  '; name=x',
  '{a, b}',
  '(a) [b] <c> & d',
  '100% %d %s',
  '$HOME `id` $(id)',
  'name=value',
  'a, b=c',
  'a.b.c: d',
  '#1',
  'trailing spaces  ',
  '  leading spaces',
  'Küche',
  'Küche "oben"\\',
  '玄関 カメラ',
  '📷 \\ 📷',
  '\\134',
  '\\n\\t',
  'NULL',
  'true',
  '-v',
  '(string)x',
]

describe.runIf(has('filesink', 'fakesrc'))('gst-launch-1.0 parses every value back unchanged', () => {
  // filesink creates a file whose name is the property value.
  test.each(names)('%j', async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'gst-names-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const sink = ['filesink', `location=${gstValue(`${folder}/${name}`)}`, 'name="what follows"']
    const { code, stderr } = await exec(
      'gst-launch-1.0',
      ['-q', '-f', 'fakesrc', 'num-buffers=1', '!', ...sink],
      gstEnvironment(env, false),
    )
    expect({ code, files: readdirSync(folder) }, stderr).toEqual({ code: 0, files: [name] })
  })
})

test.runIf(has('filesink'))(
  'a value without a folder is parsed back too',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gst-names-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const inFolder = ['-C', folder, 'gst-launch-1.0', '-q', '-f', 'fakesrc', 'num-buffers=1']
    for (const name of names)
      await exec(
        'env',
        [...inFolder, '!', 'filesink', `location=${gstValue(name)}`],
        gstEnvironment(env, false),
      )
    expect(readdirSync(folder).sort()).toEqual([...names].sort())
  },
  60_000,
)

/** The text that basetextoverlay logs at level 5, without the running time. */
const drawn = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => / Rendering '([^]*) \d+:\d\d:\d\d\.\d+'$/.exec(line)?.[1] ?? [])

const withoutMarkup = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

test.runIf(has('vp8enc', 'timeoverlay')).each(names.filter((name) => name.length <= 24))(
  'a test pattern with the name %j plays and shows exactly that name',
  async (name) => {
    const camera = rarelyKeyed('vp8enc', { name, width: 160, height: 120, fps: { min: 10, max: 10 } })
    const { rtp, command } = await prepareCapture(camera, machine!, env)
    const output: string[] = []
    const child = spawnChild(
      { ...command, env: { ...command.env, GST_DEBUG: 'basetextoverlay:5' } },
      (line) => void output.push(line),
    )
    onTestFinished(() => child.kill('SIGKILL'))
    await vi.waitFor(() => expect(rtp.received.length, output.join('\n')).toBeGreaterThan(3), {
      interval: 10,
    })
    expect(withoutMarkup(drawn(output)[0] ?? '')).toBe(name)
    expect(output.filter((line) => /WARN|ERROR|erroneous/.test(line))).toEqual([])
  },
)

test.runIf(has('vp8enc', 'v4l2src'))('a device of any name is opened by that name', async () => {
  const path = '/dev/odd ! "one"\\'
  const camera = rarelyKeyed('vp8enc', { device: { kind: 'v4l2', path }, format: 'raw' })
  const child = spawnChild((await prepareCapture(camera, machine!, env)).command)
  onTestFinished(() => child.kill('SIGKILL'))
  expect(explainFailure(await child.ended)).toMatchObject({
    cause: 'no-device',
    message: `There is no ${path}.`,
  })
})
