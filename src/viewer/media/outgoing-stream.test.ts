import { describe, expect, test } from 'vitest'
import { RtpFanout } from '../../rtp/fanout.js'
import { PacketHistory } from '../../rtp/history.js'
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

/** What a camera kept of one size, for retransmission. */
function historyOf(...packets: MediaPacket[]): PacketHistory {
  const history = new PacketHistory()
  for (const each of packets) history.add(each)
  return history
}

test('skipped packets leave no gap, and sequence numbers before and after are mapped correctly', () => {
  const { sink, sent } = sinkFor(7)
  const history = new PacketHistory()
  sink.readFrom(history)
  const send = (...packets: MediaPacket[]): void => {
    for (const each of packets) {
      history.add(each)
      sink.send(each)
    }
  }
  send(packet(10, true), packet(11), packet(12))
  sink.continueAt(50)
  send(packet(50, true), packet(51))
  sink.continueAt(52) // nothing was left out
  send(packet(52))
  sink.continueAt(70)
  send(packet(70, true))
  const indexOf = (sequence: number): number | undefined => {
    const found = sink.find(sequence & 0xffff)
    return found && found.timestamp / 3000
  }
  const first = sent[0]!.sequence
  expect(sent.map(({ sequence }) => sequence - first)).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(sent.map(({ sequence }) => indexOf(sequence))).toEqual([10, 11, 12, 50, 51, 52, 70])
  expect([first - 1, first + 7].map(indexOf)).toEqual([undefined, undefined])
})

test('a packet from before a skip is retransmitted under its own number, and a late one is not sent', () => {
  const { sink, sent } = sinkFor(7)
  sink.readFrom(historyOf(packet(10, true), packet(11)))
  for (const each of [packet(10, true), packet(11)]) sink.send(each)
  sink.continueAt(50)
  sink.send(packet(50, true))
  sink.resend(sink.find(sent[1]!.sequence)!)
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
  const packets = Array.from({ length: 100 }, (_, i) => packet(i + 1, i === 0 || i === 19))
  sink.readFrom(historyOf(...packets))
  for (const each of packets) sink.send(each)
  for (const again of [19, 20]) sink.resend(sink.find(sent[again]!.sequence)!)
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

/** VP8 with an extended picture id (RFC 7741 section 4.2). */
const picture = (index: number, timestamp: number, id: number, startsKeyframe = false): MediaPacket => ({
  index,
  timestamp: timestamp >>> 0,
  marker: true,
  startsKeyframe,
  payload: Buffer.from([0x90, 0x80, 0x80 | (id >> 8), id & 0xff, startsKeyframe ? 0 : 1, 7]),
})
const idOf = ({ payload }: { payload: Buffer }): number => payload.readUInt16BE(2) & 0x7fff

describe('a change of size', () => {
  const high = [picture(500, 3000, 0x7ffe, true), picture(501, 6000, 0x7fff), picture(502, 9000, 0)]
  const low = [picture(20, 9000, 1234), picture(21, 15_000, 1235, true), picture(22, 21_000, 1236)]

  /** Sends a copy of each packet: the payload of one is valid until the next. */
  function switching() {
    const sent: (RtpFields & { payload: Buffer })[] = []
    const sender = {
      sendRtp: (fields: RtpFields, payload: Buffer) =>
        void sent.push({ ...fields, payload: Buffer.from(payload) }),
      flush: () => {},
    }
    const sink = new OutgoingStream(sender, { ssrc: 7, payloadType: 96 })
    const [highHistory, lowHistory] = [historyOf(...high), historyOf(...low)]
    sink.readFrom(highHistory)
    return { sent, sink, highHistory, lowHistory }
  }

  test('breaks neither sequence numbers nor timestamps nor picture ids, and modifies no shared packet', () => {
    const { sent, sink, highHistory, lowHistory } = switching()
    const before = low.map(({ payload }) => Buffer.from(payload))
    for (const each of high) sink.send(each)
    sink.switchTo(lowHistory, low[1]!)
    for (const each of low.slice(1)) sink.send(each)
    const back = picture(600, 27_000, 99, true)
    highHistory.add(back)
    sink.switchTo(highHistory, back)
    sink.send(back)
    const first = sent[0]!.sequence
    expect(sent.map(({ sequence }) => sequence - first)).toEqual([0, 1, 2, 3, 4, 5])
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([3000, 6000, 9000, 15_000, 21_000, 27_000])
    expect(sent.map(idOf)).toEqual([0x7ffe, 0x7fff, 0, 1, 2, 3])
    expect(new Set(sent.map(({ ssrc }) => ssrc))).toEqual(new Set([7]))
    expect(low.map(({ payload }) => payload)).toEqual(before)
  })

  test('packets of both sizes are sent again as they were', () => {
    const { sent, sink, lowHistory } = switching()
    for (const each of high) sink.send(each)
    sink.switchTo(lowHistory, low[1]!)
    for (const each of low.slice(1)) sink.send(each)
    const live = [...sent]
    for (const { sequence } of live) sink.resend(sink.find(sequence)!)
    expect(sent.slice(live.length)).toEqual(live)
  })

  test('if its keyframe is of the frame that was sent last, its timestamps are a little later', () => {
    const { sent, sink, lowHistory } = switching()
    for (const each of high) sink.send(each)
    const same = picture(23, 9000, 1237, true)
    lowHistory.add(same)
    sink.switchTo(lowHistory, same)
    sink.send(same)
    sink.send(picture(24, 15_000, 1238))
    expect(sent.slice(2).map(({ timestamp }) => timestamp)).toEqual([9000, 9900, 15_900])
    expect(sink.timestampOffset).toBe(900)
    expect(sink.sourceTimestamp).toBe(15_000)
  })

  test('before the first packet it only decides where to start', () => {
    const { sent, sink, lowHistory } = switching()
    sink.switchTo(lowHistory, low[1]!)
    for (const each of low) sink.send(each)
    expect(sent.map(idOf)).toEqual([1235, 1236])
    expect(sink.find(sent[1]!.sequence)?.timestamp).toBe(21_000)
  })
})
