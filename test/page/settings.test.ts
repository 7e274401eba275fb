import { expect, test } from 'vitest'
import {
  emptyText,
  groupsOf,
  labelOf,
  meaningOf,
  partLabelsOf,
  savedText,
  unitOf,
  valueText,
} from '../../static/settings-format.js'
import { focusHeld } from '../../static/settings-list.js'
import { scaleOf } from '../../static/slider-scale.js'
import type { ControlAnswer } from '../../src/http/routes/controls-answer.js'
import { moduleControls, usbControls } from '../fakes/controls-api.js'
import { words } from '../../static/page-words.js'
import { tableOf } from './word-tables.js'

words.add(tableOf('en'))

test.each([
  ['exposure-time-us', 'Exposure time'],
  ['awb', 'White balance'],
  ['lens-position', 'Lens position'],
  ['white_balance_automatic', 'White balance automatic'],
  ['constructor', 'Constructor'],
  ['__', '__'],
  ['<b>', '<b>'],
])('the control %s is labelled "%s"', (name, label) => expect(labelOf(name)).toBe(label))

test('controls are grouped in the order of the panel; an unknown group is among the others', () => {
  const odd = {
    name: 'led',
    group: 'constructor',
    type: 'boolean',
    applies: 'live',
  } as unknown as ControlAnswer
  const groups = groupsOf([odd, ...moduleControls()])
  expect(groups.map(({ title, controls }) => [title, controls.map(({ name }) => name)])).toEqual([
    ['Focus', ['autofocus', 'lens-position']],
    ['Exposure', ['exposure-time-us']],
    ['Colour', ['awb', 'colour-gains']],
    ['Picture', ['brightness', 'zoom']],
    ['Other', ['led']],
  ])
})

test.each<[Pick<ControlAnswer, 'name' | 'type' | 'length'>, string[]]>([
  [{ name: 'zoom', type: 'rectangle' }, ['Left', 'Top', 'Width', 'Height']],
  [{ name: 'colour-gains', type: 'numbers', length: 2 }, ['Red', 'Blue']],
  [{ name: 'matrix', type: 'numbers', length: 3 }, ['Value 1', 'Value 2', 'Value 3']],
])('the parts of %j are labelled %j', (control, labels) => expect(partLabelsOf(control)).toEqual(labels))

test.each([
  [16_667, 'us', '16667 µs, 1/60 s'],
  [500_000, 'us', '500000 µs, 0.5 s'],
  [0, 'dioptres', '0 dioptres, infinity'],
  [2, 'dioptres', '2 dioptres, 50 cm'],
  [0.5, 'dioptres', '0.5 dioptres, 2 m'],
  [12.5, 'dioptres', '12.5 dioptres, 8 cm'],
  [-0.5, 'EV', '-0.5 EV'],
  [7, undefined, '7'],
])('%s in %s is "%s"', (value, unit, text) => expect(valueText(value, unit)).toBe(text))

test('a unit that means nothing more has no second text', () => {
  expect([unitOf('us'), unitOf(undefined), meaningOf(3, 'EV')]).toEqual(['µs', '', ''])
})

test('saving reports the file, its backup and the changed controls', () => {
  expect(savedText({ path: '/a.toml', backup: '/a.toml.bak', changed: ['awb', 'brightness'] })).toBe(
    'Saved in /a.toml: White balance and Brightness. The previous file is /a.toml.bak.',
  )
  expect(savedText({ path: '/a.toml', changed: [] })).toBe('Saved in /a.toml.')
})

test('a camera without controls has a sentence', () => {
  expect(emptyText({ why: 'v4l2-ctl is not installed.' })).toBe('v4l2-ctl is not installed.')
  expect(emptyText({})).toContain('no settings')
})

test.each<[ControlAnswer[], object | undefined]>([
  [moduleControls(), { autofocus: 'manual' }],
  [usbControls(), { focus_automatic_continuous: false }],
  [[{ name: 'focus_auto', group: 'focus', type: 'boolean', applies: 'live' }], { focus_auto: false }],
  [[], undefined],
])('the focus of %j is held by %j', (controls, change) => expect(focusHeld(controls)).toEqual(change))

test.each([{}, { min: 0 }, { min: 1, max: 1 }])('a control with the range %j has no slider', (range) =>
  expect(scaleOf({ type: 'number', ...range })).toBeUndefined(),
)

test('a slider moves by the step of its control, without the noise of binary fractions', () => {
  const scale = scaleOf({ type: 'number', min: -1, max: 1, step: 0.01 })!
  expect([scale.min, scale.max, scale.step]).toEqual([-1, 1, 0.01])
  expect([scale.valueAt(0.30000000000000004), scale.valueAt(-0.07), scale.valueAt(9)]).toEqual([
    0.3, -0.07, 1,
  ])
  expect(scale.positionOf(-7)).toBe(-1)
})

test('a step that starts at the minimum keeps to it, also with exponents', () => {
  expect(scaleOf({ type: 'integer', min: 3, max: 40, step: 5 })!.valueAt(10)).toBe(8)
  expect(scaleOf({ type: 'number', min: 0, max: 1e-6, step: 1e-7 })!.valueAt(3.1e-7)).toBe(3e-7)
})

test('without a step a number moves by about half a percent of its range, an integer by one', () => {
  expect(scaleOf({ type: 'number', min: 0, max: 2 })!.step).toBe(0.01)
  expect(scaleOf({ type: 'integer', min: 0, max: 2000 })!.step).toBe(1)
})

test.each([
  { type: 'integer', min: 100, max: 200_000, step: 1 },
  { type: 'integer', min: 1, max: 10_000, step: 1 },
  { type: 'number', min: 0.01, max: 100 },
])('a wide range is logarithmic, and every position of %j has a value of its own', (control) => {
  const scale = scaleOf(control)!
  const values = Array.from({ length: scale.max + 1 }, (_, position) => scale.valueAt(position))
  expect([values[0], values.at(-1)]).toEqual([control.min, control.max])
  for (const [position, value] of values.entries()) {
    expect(scale.positionOf(value)).toBe(position)
    if (position > 0) expect(value).toBeGreaterThan(values[position - 1]!)
  }
  const middle = values[Math.round(scale.max / 2)]!
  expect(middle).toBeLessThan(control.max / 10)
  expect([scale.positionOf(0), scale.positionOf(1e9)]).toEqual([0, scale.max])
})
