import { expect, test } from 'vitest'
import { RtpFanout } from '../../rtp/fanout.js'
import type { MediaPacket } from '../../rtp/packet.js'
import { ABS_SEND_TIME, sendTimeStamp } from '../../rtp/send-time.js'
import type { RtpFields } from '../../srtp/rtp-header.js'
import { OutgoingStream } from './outgoing-stream.js'

function sinkFor(ssrc: number, payloadType = 96) {
  const sent: (RtpFields & { payload: Buffer })[] = []
  const sender = {
    sendRtp: (fields: RtpFields, payload: Buffer) => void sent.push({ ...fields, payload }),
    flush: () => {},
  }
  return { sent, sink: new OutgoingStream(sender, { ssrc, payloadType }) }
}

const packet = (index: number, startsKeyframe = false): MediaPacket =>
  Object.freeze({
    index,
    timestamp: (index * 3000) >>> 0,
    marker: index % 3 === 0,
    startsKeyframe,
    payload: Buffer.from(`picture ${index}`),
  })

test('a viewer is sent nothing before a keyframe, and all packets after it', () => {
  const { sink, sent } = sinkFor(7)
  for (const each of [packet(1), packet(2), packet(3, true), packet(4), packet(5, true)]) sink.send(each)
  expect(sent.map(({ timestamp }) => timestamp / 3000)).toEqual([3, 4, 5])
  expect(sent.map(({ marker }) => marker)).toEqual([true, false, false])
  expect(sink.packets).toBe(3)
})

test('a late packet from before the first keyframe is not sent', () => {
  const { sink, sent } = sinkFor(7)
  for (const each of [packet(3, true), packet(2), packet(4)]) sink.send(each)
  expect(sent.length).toBe(2)
})

test('a late packet keeps its sequence number, and a gap remains', () => {
  const { sink, sent } = sinkFor(7)
  for (const each of [packet(10, true), packet(12), packet(11), packet(20)]) sink.send(each)
  const first = sent[0]!.sequence
  expect(sent.map(({ sequence }) => sequence - first)).toEqual([0, 2, 1, 10])
})

test('sequence numbers wrap at 65535, and the rollover counter counts it', () => {
  const { sink, sent } = sinkFor(7)
  for (let index = 1; index <= 140_000; index++) sink.send(packet(index, index === 1))
  expect(sent[0]!.sequence).toBeLessThan(0x8000)
  expect(sent[0]!.rollover).toBe(0)
  for (let i = 1; i < sent.length; i++) {
    const [before, after] = [sent[i - 1]!, sent[i]!]
    const extended = ({ rollover, sequence }: RtpFields): number => rollover * 0x10000 + sequence
    if (extended(after) !== extended(before) + 1 || after.sequence > 0xffff)
      throw new Error(`a break at ${i}`)
  }
  expect(sent.at(-1)!.rollover).toBe(2)
})

test('skipped packets leave no gap, and sequence numbers before and after are mapped correctly', () => {
  const { sink, sent } = sinkFor(7)
  for (const each of [packet(10, true), packet(11), packet(12)]) sink.send(each)
  sink.continueAt(50)
  for (const each of [packet(50, true), packet(51)]) sink.send(each)
  sink.continueAt(52) // nothing was left out
  sink.send(packet(52))
  sink.continueAt(70)
  sink.send(packet(70, true))
  const first = sent[0]!.sequence
  expect(sent.map(({ sequence }) => sequence - first)).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(sent.map(({ sequence }) => sink.indexOf(sequence))).toEqual([10, 11, 12, 50, 51, 52, 70])
  expect([first - 1, first + 7].map((sequence) => sink.indexOf(sequence & 0xffff))).toEqual([
    undefined,
    undefined,
  ])
})

test('a packet from before a skip is retransmitted under its own number, and a late one is not sent', () => {
  const { sink, sent } = sinkFor(7)
  for (const each of [packet(10, true), packet(11)]) sink.send(each)
  sink.continueAt(50)
  sink.send(packet(50, true))
  sink.resend(packet(11))
  sink.send(packet(30))
  expect(sent.map(({ sequence }) => sequence - sent[0]!.sequence)).toEqual([0, 1, 2, 1])
})

test('no sequence number is used twice, however often packets are skipped', () => {
  const { sink, sent } = sinkFor(7)
  for (let index = 1; index < 60_000; index += 7) {
    sink.continueAt(index)
    for (const each of [packet(index, true), packet(index + 1), packet(index + 2)]) sink.send(each)
  }
  const extended = sent.map(({ rollover, sequence }) => rollover * 0x10000 + sequence)
  expect(new Set(extended).size).toBe(sent.length)
  expect(extended.at(-1)! - extended[0]!).toBe(sent.length - 1)
})

test('the first packet of a keyframe and one a second have a header extension, also when retransmitted', () => {
  const sent: RtpFields[] = []
  const describe = (timestamp: number): Buffer => Buffer.from([timestamp / 3000])
  const sender = { sendRtp: (fields: RtpFields) => void sent.push({ ...fields }), flush: () => {} }
  const sink = new OutgoingStream(sender, { ssrc: 7, payloadType: 96 }, describe)
  for (let index = 1; index <= 100; index++) sink.send(packet(index, index === 1 || index === 20))
  sink.resend(packet(20, true))
  sink.resend(packet(21))
  const described = sent.filter(({ extension }) => extension !== undefined)
  expect(described.map(({ extension }) => extension![0])).toEqual([1, 20, 50, 80, 20])
  expect(sent[100]).toEqual(sent[19])
  expect(sent[101]).toEqual(sent[20])
})

test('a receiver that estimates its path gets the send time with every packet', () => {
  const sent: (string | undefined)[] = []
  const sender = {
    sendRtp: ({ extension }: RtpFields) => void sent.push(extension?.toString('hex')),
    flush: () => {},
  }
  let nowMs = 0
  const stamp = sendTimeStamp(new Map([[ABS_SEND_TIME, 2]]), () => nowMs++)
  const sink = new OutgoingStream(sender, { ssrc: 7, payloadType: 96 }, undefined, stamp)
  for (let index = 1; index <= 3; index++) sink.send(packet(index, index === 1))
  expect(sent).toEqual(['000000', '000106', '00020c'].map((time) => `bede000222${time}00000000`))
})

test('viewers share only the packet, which none of them modifies', () => {
  const fanout = new RtpFanout()
  const [one, two] = [sinkFor(111, 96), sinkFor(222, 102)]
  fanout.add(one.sink)
  fanout.send(packet(1, true))
  fanout.add(two.sink)
  const shared = packet(2, true)
  const before = Buffer.from(shared.payload)
  fanout.send(shared)
  expect(shared.payload.equals(before)).toBe(true)
  expect(one.sent.map(({ ssrc, payloadType }) => [ssrc, payloadType])).toEqual([
    [111, 96],
    [111, 96],
  ])
  expect(two.sent.map(({ ssrc, payloadType }) => [ssrc, payloadType])).toEqual([[222, 102]])
  expect(one.sent[1]!.payload).toBe(two.sent[0]!.payload)
})
