import { expect, test } from 'vitest'
import { LowLoad } from './low-load.js'

const slow = { fps: 20, idleFraction: 0.02 }
const fine = { fps: 30, idleFraction: 0.02 }

test('three slow intervals in a row on a busy machine are too much', () => {
  const load = new LowLoad(30)
  expect([slow, slow, slow].map((sample) => load.isTooMuch(sample))).toEqual([false, false, true])
})

test('a short load of another program is not', () => {
  const load = new LowLoad(30)
  expect([slow, slow, fine, slow, slow].some((sample) => load.isTooMuch(sample))).toBe(false)
})

test('a camera that is slow on an idle machine has another reason', () => {
  const load = new LowLoad(30)
  const dark = { fps: 10, idleFraction: 0.6 }
  expect([dark, dark, dark, dark].some((sample) => load.isTooMuch(sample))).toBe(false)
})

test('a camera may lower its rate as far as it is configured', () => {
  const load = new LowLoad(5)
  const dark = { fps: 5, idleFraction: 0 }
  expect([dark, dark, dark, dark].some((sample) => load.isTooMuch(sample))).toBe(false)
})
