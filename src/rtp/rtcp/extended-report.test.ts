import { expect, test } from 'vitest'
import { parseReferenceTime, writeDlrr } from './extended-report.js'
import { parseFeedback } from './feedback.js'

/** RFC 3611 section 4.4, from SSRC 1, at NTP 0x11112222.33334444. */
const reference = Buffer.from('80cf0004' + '00000001' + '04000002' + '11112222' + '33334444', 'hex')

test('the reference time is the middle of the NTP timestamp', () =>
  expect(parseReferenceTime(reference)).toEqual({ ssrc: 1, ntpMiddle: 0x22223333 }))

test('it is found behind another block, and in a compound', () => {
  const statistics = Buffer.from('06e00001' + '00000000', 'hex')
  const packet = Buffer.concat([reference.subarray(0, 8), statistics, reference.subarray(8)])
  packet.writeUInt16BE(packet.length / 4 - 1, 2)
  const receiverReport = Buffer.from('80c9000100000001', 'hex')
  const { referenceTime } = parseFeedback(Buffer.concat([receiverReport, packet]), 7, {
    lastCommandSequence: undefined,
  })
  expect(referenceTime).toEqual({ ssrc: 1, ntpMiddle: 0x22223333 })
})

test('a truncated or malformed block is ignored', () => {
  for (let length = 8; length < reference.length; length++)
    expect(parseReferenceTime(reference.subarray(0, length))).toBeUndefined()
  const tooLong = Buffer.from(reference)
  tooLong.writeUInt16BE(3, 10)
  expect(parseReferenceTime(tooLong)).toBeUndefined()
})

test('the DLRR block has the reference time and the delay in 1/65536 s', () =>
  expect(writeDlrr(0xcafebabe, { ssrc: 1, ntpMiddle: 0x22223333 }, 500).toString('hex')).toBe(
    '80cf0005' + 'cafebabe' + '05000003' + '00000001' + '22223333' + '00008000',
  ))
