import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Choices } from '../../static/choices.js'
import { levelOf, nextLevel, useAudioContext } from '../../static/sound-meter.js'

/** How loud it is, and what is remembered. e2e/sound.spec.ts has what a browser does with it. */

const SILENT = { on: false, volume: 1 }

afterEach(() => vi.unstubAllGlobals())

const sine = (amplitude: number): Float32Array =>
  Float32Array.from({ length: 480 }, (_, i) => amplitude * Math.sin((i * Math.PI) / 24))

describe('the level', () => {
  test.each([
    [0, 0],
    [1, 0.95], // a full sine has 3 dB less than full scale
    [0.1, 0.62],
    [0.001, 0],
  ])('of a tone of amplitude %d is %d', (amplitude, level) =>
    expect(levelOf(sine(amplitude))).toBeCloseTo(level, 1),
  )

  test('is never outside 0 to 1, whatever the samples are', () => {
    expect(levelOf(new Float32Array(0))).toBe(0)
    expect(levelOf(Float32Array.of(9, -9))).toBe(1)
    expect(levelOf(Float32Array.of(NaN))).toBe(0)
  })

  test('rises at once and falls within a second', () => {
    expect(nextLevel(0.1, 0.8, 60)).toBe(0.8)
    expect(nextLevel(0.8, 0, 100)).toBeCloseTo(0.65)
    expect(nextLevel(0.8, 0, 1000)).toBe(0)
  })
})

test('one AudioContext serves all tiles, and the last one closes it', () => {
  const closed = vi.fn(async () => await Promise.resolve())
  const made = vi.fn()
  vi.stubGlobal(
    'AudioContext',
    class {
      close = closed
      constructor() {
        made()
      }
    },
  )
  const [one, other] = [useAudioContext(), useAudioContext()]
  expect(one.context).toBe(other.context)
  one.release()
  one.release()
  expect(closed).not.toHaveBeenCalled()
  other.release()
  expect(closed).toHaveBeenCalledTimes(1)
  useAudioContext().release()
  expect(made).toHaveBeenCalledTimes(2)
})

/** choices.js, as the page has it inlined, over what is stored. */
function choicesOver(stored: unknown): Choices {
  const window: { choices?: { read: () => Choices } } = {}
  runInNewContext(readFileSync('static/choices.js', 'utf8'), {
    window,
    document: { getElementById: () => null, documentElement: { lang: 'en' } },
    location: { href: 'http://pi/', search: '' },
    localStorage: { getItem: () => JSON.stringify(stored) },
    URL,
    URLSearchParams,
  })
  return window.choices!.read()
}

test.each([
  [{ camera1: { on: true, volume: 0.3 } }, { camera1: { on: true, volume: 0.3 } }],
  [{ camera1: { on: 'yes', volume: 7 } }, { camera1: { on: false, volume: 1 } }],
  [{ camera1: { on: true, volume: null } }, { camera1: { on: true, volume: 1 } }],
  [
    { camera1: {}, camera2: 5, camera3: null },
    { camera1: SILENT, camera2: SILENT },
  ],
  [{ __proto__: 1, x: { on: true } }, {}],
  ['rubbish', {}],
  [undefined, {}],
])('of the stored sound %j, which other pages write too, %j is used', (sound, used) =>
  expect(JSON.parse(JSON.stringify(choicesOver({ sound }).sound))).toEqual(used),
)
