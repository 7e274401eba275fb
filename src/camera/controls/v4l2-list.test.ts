import { describe, expect, test } from 'vitest'
import { planV4l2, setV4l2 } from './apply-v4l2.js'
import { describeV4l2 } from './describe-v4l2.js'
import { inOrderOfDependency } from './v4l2-automatic.js'
import type { V4l2Device } from './v4l2-device.js'
import { parseV4l2Controls, type V4l2Control } from './v4l2-list.js'
import { v4l2Value } from './v4l2-value.js'

/** In the form of v4l-utils 1.22 to 1.30: a UVC camera, and controls of vivid. */
const LIST = `
User Controls

                     brightness 0x00980900 (int)    : min=0 max=255 step=1 default=128 value=128 flags=slider
                     saturation 0x00980902 (int)    : min=0 max=100 step=5 default=50 value=50
        white_balance_automatic 0x0098090c (bool)   : default=1 value=1
                   gain_automatic 0x00980912 (bool)   : default=1 value=1 flags=update
      white_balance_temperature 0x0098091a (int)    : min=2800 max=6500 step=1 default=4000 value=4000 flags=inactive
           power_line_frequency 0x00980918 (menu)   : min=0 max=2 default=2 value=1 (50 Hz)
				0: Disabled
				1: 50 Hz
				2: 60 Hz
                         button 0x0098f900 (button) : value=0 flags=write-only, execute-on-write
                        bitmask 0x0098f907 (bitmask): max=0x80002000 default=0x80002000 value=0x80002000
                        string 0x0098f905 (str)    : min=2 max=4 step=1 value='  '
                  integer_menu 0x0098f906 (intmenu): min=1 max=8 default=4 value=4 (42 0x2a)
				1: 1 (0x1)
				4: 42 (0x2a)
                     u8_matrix 0x0098f909 (u8)     : min=16 max=240 step=1 default=24 elems=128 dims=[8][16] flags=has-payload

Camera Controls

                  auto_exposure 0x009a0901 (menu)   : min=0 max=3 default=3 value=3 (Aperture Priority Mode)
				1: Manual Mode
				3: Aperture Priority Mode
         exposure_time_absolute 0x009a0902 (int)    : min=3 max=2047 step=1 default=250 value=250 flags=inactive
     exposure_dynamic_framerate 0x009a0903 (bool)   : default=0 value=1
                   pan_absolute 0x009a0908 (int)    : min=-36000 max=36000 step=3600 default=0 value=-3600
                 focus_absolute 0x009a090a (int)    : min=0 max=250 step=5 default=0 value=30 flags=inactive, has-min-max
     focus_automatic_continuous 0x009a090c (bool)   : default=1 value=1
                        privacy 0x009a0910 (bool)   : default=0 value=0 flags=read-only
`
const CONTROLS = parseV4l2Controls(LIST)
const named = (name: string): V4l2Control => CONTROLS.find((control) => control.name === name)!

describe('v4l2-ctl --list-ctrls-menus', () => {
  test('is parsed with types, ranges, values, choices and flags', () => {
    expect(CONTROLS.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'brightness int',
      'saturation int',
      'white_balance_automatic bool',
      'gain_automatic bool',
      'white_balance_temperature int',
      'power_line_frequency menu',
      'button button',
      'bitmask other',
      'string other',
      'integer_menu intmenu',
      'u8_matrix other',
      'auto_exposure menu',
      'exposure_time_absolute int',
      'exposure_dynamic_framerate bool',
      'pan_absolute int',
      'focus_absolute int',
      'focus_automatic_continuous bool',
      'privacy bool',
    ])
    expect(named('pan_absolute')).toMatchObject({
      min: -36000,
      max: 36000,
      step: 3600,
      default: 0,
      value: -3600,
    })
    expect([...named('auto_exposure').menu]).toEqual([
      [1, 'Manual Mode'],
      [3, 'Aperture Priority Mode'],
    ])
    expect([...named('integer_menu').menu]).toEqual([
      [1, '1 (0x1)'],
      [4, '42 (0x2a)'],
    ])
    expect([...named('focus_absolute').flags]).toEqual(['inactive', 'has-min-max'])
  })
  test.each(['', 'Unable to detect what device /dev/video9 is, exiting.\n', '\t\t1: orphan\n'])(
    '%j has no controls',
    (text) => expect(parseV4l2Controls(text)).toEqual([]),
  )
})

describe('a value of the configuration', () => {
  test.each<[string, number | boolean | string, object]>([
    ['brightness', 200, { value: 200 }],
    ['brightness', 256, { problem: '256 is too large: from 0 to 255' }],
    ['brightness', true, { problem: 'true is not a number: write one from 0 to 255' }],
    ['brightness', 'bright', { problem: '"bright" is text: write a whole number from 0 to 255' }],
    ['white_balance_automatic', false, { value: 0 }],
    ['white_balance_automatic', 1, { value: 1 }],
    ['white_balance_automatic', 2, { problem: '2 is neither true nor false' }],
    ['auto_exposure', 'manual mode', { value: 1 }],
    ['auto_exposure', 3, { value: 3 }],
    ['auto_exposure', 2, { problem: '2 is not a choice: write 1 (Manual Mode), 3 (Aperture Priority Mode)' }],
    ['auto_exposure', 'Manual Mod', { problem: '"Manual Mod" is not a choice: did you mean "Manual Mode"?' }],
    ['integer_menu', 4, { value: 4 }],
    ['privacy', true, { problem: 'can only be read' }],
    ['button', 1, { problem: 'is a button, which has no value' }],
    ['string', 'ab', { problem: 'has a type that this program does not set' }],
  ])('%s = %j', (name, wanted, result) => expect(v4l2Value(named(name), wanted)).toEqual(result))
})

describe('a plan', () => {
  const plan = (wanted: Record<string, number | boolean | string>, isRange = false) => {
    const { values, problems } = planV4l2(wanted, CONTROLS, isRange)
    return { values: Object.fromEntries(inOrderOfDependency(values)), problems: Object.fromEntries(problems) }
  }
  test('switches automatic controls off before the values that they decide', () => {
    const { values } = plan({
      brightness: 1,
      focus_absolute: 30,
      exposure_time_absolute: 100,
      white_balance_temperature: 4000,
    })
    expect(Object.keys(values)).toEqual([
      'focus_automatic_continuous',
      'auto_exposure',
      'white_balance_automatic',
      'brightness',
      'focus_absolute',
      'exposure_time_absolute',
      'white_balance_temperature',
    ])
    expect(values).toMatchObject({
      focus_automatic_continuous: 0,
      auto_exposure: 1,
      white_balance_automatic: 0,
    })
  })
  test('reports a value whose automatic control is to be on', () =>
    expect(plan({ focus_automatic_continuous: true, focus_absolute: 30 })).toEqual({
      values: { focus_automatic_continuous: 1 },
      problems: {
        focus_absolute:
          'has no effect while focus_automatic_continuous is automatic: switch that off, or delete focus_absolute',
      },
    }))
  test('lists what the camera has if a control does not exist', () =>
    expect(plan({ sharpnes: 1 }).problems['sharpnes']).toContain('which has brightness, saturation,'))
  test('lets the frame rate fall for a range, unless the configuration decides it', () => {
    expect(plan({}, true).values).toEqual({ exposure_dynamic_framerate: 1 })
    expect(plan({ exposure_dynamic_framerate: false }, true).values).toEqual({
      exposure_dynamic_framerate: 0,
    })
    expect(plan({}).values).toEqual({})
  })
})

describe('the controls of a camera are set and read back', () => {
  /** A driver with two controls that is asked in this order. */
  const driver = (
    refuses: Record<string, string>,
    change: (value: number) => number,
  ): V4l2Device & { sets: string[] } => {
    const values = new Map([
      ['brightness', 128],
      ['saturation', 50],
    ])
    const sets: string[] = []
    return {
      sets,
      list: async () =>
        await Promise.resolve(CONTROLS.map((one) => ({ ...one, value: values.get(one.name) ?? one.value }))),
      set: async (name, value) => {
        sets.push(`${name}=${value}`)
        if (refuses[name] === undefined) values.set(name, change(value))
        return await Promise.resolve(refuses[name])
      },
    }
  }
  const wanted = new Map([
    ['brightness', 200],
    ['saturation', 52],
  ])
  test('a value rounded to a step is accepted', async () => {
    const device = driver({}, (value) => Math.floor(value / 5) * 5)
    expect([...(await setV4l2(device, wanted))]).toEqual([])
    expect(device.sets).toEqual(['brightness=200', 'saturation=52'])
  })
  test('a clamped value is reported', async () =>
    expect([
      ...(await setV4l2(
        driver({}, (value) => Math.min(value, 150)),
        wanted,
      )),
    ]).toEqual([['brightness', 'is 150 instead of 200: the driver changed it']]))
  test('a refused control is reported by name, and the others are set', async () =>
    expect([
      ...(await setV4l2(
        driver({ brightness: 'Input/output error' }, (value) => value),
        wanted,
      )),
    ]).toEqual([['brightness', 'is refused by the driver: Input/output error']]))
})

test('controls are described by what can be changed', () => {
  const described = describeV4l2(CONTROLS)
  expect(described.map(({ name }) => name)).not.toContain('button')
  expect(described.map(({ name }) => name)).not.toContain('privacy')
  expect(described.find(({ name }) => name === 'auto_exposure')).toEqual({
    name: 'auto_exposure',
    group: 'exposure',
    type: 'choice',
    choices: [
      { value: 1, label: 'Manual Mode' },
      { value: 3, label: 'Aperture Priority Mode' },
    ],
    default: 3,
    value: 3,
    applies: 'live',
  })
  expect(described.find(({ name }) => name === 'focus_absolute')).toEqual({
    name: 'focus_absolute',
    group: 'focus',
    type: 'integer',
    min: 0,
    max: 250,
    step: 5,
    default: 0,
    value: 30,
    applies: 'live',
    inactive: true,
    why: 'focus_automatic_continuous sets it. A value of your own switches that off.',
  })
  expect(described.find(({ name }) => name === 'white_balance_automatic')).toMatchObject({
    type: 'boolean',
    default: true,
    value: true,
    group: 'colour',
  })
})
