import { expect, test } from 'vitest'
import { parseConfig } from './parse.js'
import { parseOverlayText } from './overlay-text.js'

test.each([
  ['Garden', false, 'Garden'],
  ['%Y-%m-%d %H:%M:%S', true, '%Y-%m-%d %H:%M:%S'],
  ['50% of', false, '50% of'],
  ['100%', false, '100%'],
  ['100%%', false, '100%'],
  ['100% at %H', true, '100%% at %H'],
  ['%H 100%%', true, '%H 100%%'],
  ['%-d.%-m. %EY', true, '%-d.%-m. %EY'],
  ['%1000000d', false, '%1000000d'],
  ['%q %H', true, '%%q %H'],
  ['a%tb%nc', true, 'a b%nc'],
  ['<b>Tom & %H</b>', true, '&lt;b&gt;Tom &amp; %H&lt;/b&gt;'],
])('%j is text with time: %s', (text, hasTime, markup) =>
  expect(parseOverlayText(text)).toMatchObject({ hasTime, markup }),
)

const problemOf = (camera: Record<string, string>): string => {
  const lines = Object.entries(camera).map(([key, value]) => `${key} = "${value}"`)
  try {
    parseConfig(['[camera1]', ...lines].join('\n'), 'config.toml')
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

test('a text that clockoverlay would not draw, because it is too long, is an error with its length', () => {
  expect(problemOf({ device: 'test:smpte', overlay: 'ö'.repeat(150) })).toContain('can become 300 bytes long')
  expect(problemOf({ device: 'test:smpte', overlay: '%c '.repeat(11) })).toContain(
    'can become 275 bytes long',
  )
  expect(problemOf({ device: 'test:smpte', overlay: '%A, %d %B %Y, %H:%M:%S' })).toBe('')
})

test('an overlay of video that another program or the camera encodes is an error', () => {
  expect(problemOf({ device: 'rtp://127.0.0.1:5000', overlay: '%H' })).toContain('another program encodes')
  expect(problemOf({ device: '/dev/video0', codec: 'h264', format: 'h264', overlay: '%H' })).toContain(
    'H.264 of the camera',
  )
  expect(problemOf({ device: '/dev/video0', format: 'mjpeg', overlay: '%H' })).toBe('')
})
