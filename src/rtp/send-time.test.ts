import { expect, test } from 'vitest'
import { SDES_MID } from './header-extension.js'
import { ABS_SEND_TIME, sendTimeStamp } from './send-time.js'

test('one second is 2^18 of the 24 bits, which wrap after 64', () => {
  let nowMs = 1000
  const stamp = sendTimeStamp(new Map([[ABS_SEND_TIME, 2]]), () => nowMs)!
  expect(stamp().toString('hex')).toBe('bede0002' + '22040000' + '00000000')
  nowMs = 1500
  expect(stamp().readUIntBE(5, 3)).toBe(1.5 * 2 ** 18)
  nowMs = 64_000 + 250
  expect(stamp().readUIntBE(5, 3)).toBe(0.25 * 2 ** 18)
})

test('the MID is beside it', () =>
  expect(
    sendTimeStamp(
      new Map([
        [ABS_SEND_TIME, 2],
        [SDES_MID, 1],
      ]),
      () => 0,
    )!().toString('hex'),
  ).toBe('bede0002' + '22000000' + '10300000'))

test('nothing is written for a receiver that does not want it', () =>
  expect(sendTimeStamp(new Map([[SDES_MID, 1]]))).toBeUndefined())
