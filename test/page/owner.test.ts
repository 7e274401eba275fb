import { expect, test } from 'vitest'
import { USUAL_FLIP_METHODS } from '../../src/config/flip-method.js'
import { cameraForm } from '../../src/config/camera-form.js'
import { durationText, labelOf, valueOf, valueText } from '../../static/owner-words.js'
import { words } from '../../static/page-words.js'
import { tableOf } from './word-tables.js'

words.add(tableOf('en'))

test.each([
  [{ type: 'integer' }, '640', 640],
  [{ type: 'integer' }, ' ', null],
  [{ type: 'number-or-text' }, ' 29.97 ', 29.97],
  [{ type: 'number-or-text' }, ' 5-30', '5-30'],
  [{ type: 'text' }, 'Bird box', 'Bird box'],
  [{ type: 'text' }, '30', '30'],
  [{ type: 'choice' }, 'vp8', 'vp8'],
  [{ type: 'boolean' }, 'false', false],
] as const)('a field of %o with %j is %j', (field, text, value) => expect(valueOf(field, text)).toBe(value))

test('every field and every rotation of the form has words', () => {
  const fields = cameraForm('camera1', { kind: 'test', pattern: 'smpte' }, {})
  for (const { name } of fields) expect(labelOf(name)).not.toBe(name)
  for (const method of USUAL_FLIP_METHODS) expect(valueText(method)).not.toBe(method)
})

test.each([
  [59, '59 s'],
  [60, '1 min'],
  [7300, '2 h'],
  [200_000, '2 days'],
])('%i seconds are %s', (seconds, text) => expect(durationText(seconds)).toBe(text))
