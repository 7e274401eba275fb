import { expect, test } from 'vitest'
import { parseBoundedJson } from './bounded-json.js'

const nested = (depth: number, inner = ''): string => '['.repeat(depth) + inner + ']'.repeat(depth)

test.each([
  '{"a":[1,"]"]}',
  '"x"',
  'null',
  nested(16),
  `{"a":"${'['.repeat(100)}"}`,
  '{"a":"\\"[[[[[[[[[[[[[[[[[[["}',
])('%s is parsed as JSON.parse does', (text) => expect(parseBoundedJson(text)).toEqual(JSON.parse(text)))

test.each([nested(17), `{"a":${nested(16)}}`, '['.repeat(128 * 1024), '{"a":'.repeat(20)])(
  'what is nested too deep is refused before it is parsed: %.20s',
  (text) => expect(() => parseBoundedJson(text)).toThrow('is nested deeper than 16 levels'),
)

test.each(['', '{', ']'.repeat(100), '"', '"\\', '[1,]', "{'a':1}", 'undefined'])('%j is not JSON', (text) =>
  expect(() => parseBoundedJson(text)).toThrow('is not JSON'),
)
