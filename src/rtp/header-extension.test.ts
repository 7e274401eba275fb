import { expect, test } from 'vitest'
import { ABS_CAPTURE_TIME, describeFrames, PLAYOUT_DELAY, writeHeaderExtension } from './header-extension.js'

/** 1 January 1970 plus 1.25 s. */
const WALL_MS = 1250
const BOTH = new Map([
  [PLAYOUT_DELAY, 5],
  [ABS_CAPTURE_TIME, 12],
])

test('an extension starts with 0xBEDE and its length, in whole words', () =>
  expect(writeHeaderExtension(BOTH, WALL_MS)?.toString('hex')).toBe(
    'bede000452000000c783aa7e8140000000000000',
  ))

test('extensions that the client does not support are not written', () => {
  expect(writeHeaderExtension(new Map([[PLAYOUT_DELAY, 1]]), WALL_MS)?.toString('hex')).toBe(
    'bede000112000000',
  )
  expect(writeHeaderExtension(new Map(), WALL_MS)).toBeUndefined()
})

test('without a capture time it is not written', () => {
  expect(writeHeaderExtension(BOTH, undefined)?.toString('hex')).toBe('bede000152000000')
  expect(writeHeaderExtension(new Map([[ABS_CAPTURE_TIME, 1]]), undefined)).toBeUndefined()
})

test('a picture that waits for its sound has up to 400 ms, from the next description on', () => {
  let isHeard = false
  const ids = new Map([[PLAYOUT_DELAY, 1]])
  const describe = describeFrames(ids, { captureMonotonicMs: () => undefined }, () => isHeard)
  expect(describe(0)!.toString('hex')).toBe('bede000112000000')
  isHeard = true
  expect(describe(0)!.toString('hex')).toBe('bede000112000028')
})

test('a picture is described by the wall clock at its capture', () => {
  const beforeMs = Date.now()
  const describe = describeFrames(new Map([[ABS_CAPTURE_TIME, 3]]), {
    captureMonotonicMs: () => performance.now() - 40,
  })
  const extension = describe(0)!
  const unixS = extension.readUInt32BE(5) + extension.readUInt32BE(9) / 2 ** 32 - 2_208_988_800
  expect(unixS * 1000).toBeGreaterThan(beforeMs - 42) // two clocks, read one after the other
  expect(unixS * 1000).toBeLessThan(Date.now() - 38)
})
