import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { gstValue, link, quoteCommand } from './syntax.js'

test('elements are linked with exclamation marks', () =>
  expect(link(['a', 'x=1'], ['b'], ['c'])).toEqual(['a', 'x=1', '!', 'b', '!', 'c']))

test.each([
  ['/base/soc/i2c0mux/i2c@1/imx219@10', '/base/soc/i2c0mux/i2c@1/imx219@10'],
  ['platform/vimc.0 Sensor B', '"platform/vimc.0 Sensor B"'],
  ['a ! b', '"a ! b"'],
  ['Küche', '"Küche"'],
  [String.raw`a "ü"\b`, String.raw`\"a\\040\\042\\303\\274\\042\\134b\"`],
  ['NULL', String.raw`\"NULL\"`],
  ['two\nlines', '"two lines"'],
])('the value %j is written %j', (text, written) => expect(gstValue(text)).toBe(written))

test('a plain command needs no quotes', () =>
  expect(quoteCommand('gst-launch-1.0', ['-q', 'videotestsrc', '!', 'video/x-raw,width=640'])).toBe(
    'gst-launch-1.0 -q videotestsrc ! video/x-raw,width=640',
  ))

test('a shell parses every word back unchanged', () => {
  const words = ['level=(string)4', 'text="it\'s <b>"', '$HOME', '*', '', '!', 'a b', '\\', '#']
  const line = quoteCommand('printf', ['%s\\n', ...words])
  expect(execFileSync('sh', ['-c', line], { encoding: 'utf8' }).split('\n').slice(0, -1)).toEqual(words)
})
