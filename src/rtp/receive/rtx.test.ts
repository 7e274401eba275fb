import { expect, test } from 'vitest'
import { rtpPacket } from '../../../test/support/rtp.js'
import { originalOf } from './rtx.js'

const rtxOf = (payload: Buffer): Buffer =>
  rtpPacket({ sequence: 9, timestamp: 77, ssrc: 2, payloadType: 97, marker: true, payload })

test('a retransmission becomes the packet that it repeats', () => {
  const rtx = rtxOf(Buffer.concat([Buffer.from([0x12, 0x34]), Buffer.from('frame')]))
  expect(originalOf(rtx, 1, 96)).toEqual(
    rtpPacket({
      sequence: 0x1234,
      timestamp: 77,
      ssrc: 1,
      payloadType: 96,
      marker: true,
      payload: Buffer.from('frame'),
    }),
  )
})

test('padding that probes the bandwidth is no packet', () => {
  expect(originalOf(rtxOf(Buffer.from([0x12, 0x34])), 1, 96)).toBeUndefined()
  expect(originalOf(rtxOf(Buffer.alloc(0)), 1, 96)).toBeUndefined()
  const padded = rtxOf(Buffer.alloc(200, 200))
  padded[0]! |= 0x20
  expect(originalOf(padded, 1, 96)).toBeUndefined()
})
