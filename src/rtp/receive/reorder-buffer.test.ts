import { expect, test } from 'vitest'
import { rtpPacket, vp8Delta, vp8Key } from '../../../test/support/rtp.js'
import { carriesKeyframe } from '../keyframe.js'
import { payloadOf, sequenceOf } from '../packet.js'
import { ReorderBuffer } from './reorder-buffer.js'

function bufferWithEnds(): {
  buffer: ReorderBuffer
  out: number[]
  losses: () => number
  add: (index: number, nowMs?: number, isKey?: boolean) => void
} {
  const out: number[] = []
  let losses = 0
  const buffer = new ReorderBuffer({
    isKeyframe: (rtp) => carriesKeyframe.vp8(payloadOf(rtp)!),
    onPacket: (rtp) => out.push(sequenceOf(rtp)),
    onLoss: () => losses++,
  })
  return {
    buffer,
    out,
    losses: () => losses,
    add: (index, nowMs = 0, isKey = false) => {
      const sequence = index & 0xffff
      buffer.add(rtpPacket({ sequence, payload: isKey ? vp8Key : vp8Delta }), sequence, nowMs)
    },
  }
}

test('a stream in order is handed on at once, over the wrap of its numbers', () => {
  const { buffer, out, add } = bufferWithEnds()
  for (let index = 65_530; index < 65_545; index++) add(index)
  expect(out).toEqual([65_530, 65_531, 65_532, 65_533, 65_534, 65_535, 0, 1, 2, 3, 4, 5, 6, 7, 8])
  expect(buffer.isWaiting).toBe(false)
})

test('packets are put into order, and what comes twice or too late is dropped', () => {
  const { buffer, out, add } = bufferWithEnds()
  for (const index of [10, 12, 11, 14, 12, 15, 13, 9, 10]) add(index)
  expect(out).toEqual([10, 11, 12, 13, 14, 15])
  expect(buffer.late).toBe(3)
})

test('missing packets are requested a little later, and a few times', () => {
  const { buffer, out, add } = bufferWithEnds()
  add(1)
  add(4, 100)
  expect(buffer.check(105)).toEqual([])
  expect(buffer.check(110)).toEqual([2, 3])
  expect(buffer.check(120)).toEqual([])
  add(2, 130)
  expect(out).toEqual([1, 2])
  expect(buffer.check(170)).toEqual([3])
  add(3, 180)
  expect(out).toEqual([1, 2, 3, 4])
  expect(buffer.check(400)).toEqual([])
  expect(buffer).toMatchObject({ recovered: 2, givenUp: 0, isWaiting: false })
})

test('what does not come is given up after 300 ms, each gap for itself, and a keyframe is needed', () => {
  const { buffer, out, add, losses } = bufferWithEnds()
  add(1)
  add(3, 0)
  add(5, 200)
  buffer.check(299)
  expect(out).toEqual([1])
  buffer.check(300)
  expect(out).toEqual([1, 3])
  buffer.check(499)
  expect(out).toEqual([1, 3])
  buffer.check(500)
  expect(out).toEqual([1, 3, 5])
  expect(losses()).toBe(2)
  expect(buffer.givenUp).toBe(2)
})

test('a keyframe is not held back for packets before it', () => {
  const { buffer, out, add } = bufferWithEnds()
  add(1)
  add(3, 0)
  add(4, 0, true)
  buffer.check(49)
  expect(out).toEqual([1])
  buffer.check(50)
  expect(out).toEqual([1, 3, 4])
})

test('a jump of the numbers is another stream: it goes on there', () => {
  const { out, add, losses } = bufferWithEnds()
  for (const index of [1, 2, 4, 30_000, 30_001]) add(index)
  expect(out).toEqual([1, 2, 4, 30_000, 30_001])
  expect(losses()).toBeGreaterThan(0)
})

test('memory is bounded when a sender loses more than anybody waits for', () => {
  const { buffer, out, add } = bufferWithEnds()
  for (let index = 0; index < 20_000; index += 2) add(index, 0)
  expect(out.length).toBeGreaterThan(8000)
  expect(buffer.check(50).length).toBeLessThanOrEqual(256)
  buffer.check(1000)
  expect(out).toHaveLength(10_000)
  expect(buffer.isWaiting).toBe(false)
})
