import { expect, test } from 'vitest'
import { heldBack } from '../../../test/support/rtp.js'
import { PacketHistory } from '../../rtp/history.js'
import type { MediaPacket } from '../../rtp/packet.js'
import type { RtpFields } from '../../srtp/rtp-header.js'
import { Retransmitter } from './retransmitter.js'
import { OutgoingStream, type StreamFormat } from './outgoing-stream.js'

const SSRC = 11
const RTX = { payloadType: 97, ssrc: 12 }

function watching(packets: number, { hasRtx } = { hasRtx: true }) {
  const rtx: StreamFormat['rtx'] = hasRtx ? RTX : undefined
  const sent: (RtpFields & { payload: Buffer })[] = []
  const sender = heldBack((fields, payload) => void sent.push({ ...fields, payload }))
  const history = new PacketHistory()
  const sink = new OutgoingStream(sender, { payloadType: 96, ssrc: SSRC })
  const retransmitter = new Retransmitter(sink, sender, rtx)
  sink.readFrom(history)
  for (let index = 1; index <= packets; index++) {
    history.add(packetOf(index))
    sink.send(packetOf(index))
  }
  sink.flush()
  const first = sent[0]!.sequence
  return {
    sent,
    retransmitter,
    sink,
    history,
    sequenceOf: (index: number) => (first + index - 1) & 0xffff,
    live: sent.splice(0),
  }
}

const packetOf = (index: number): MediaPacket => {
  const payload = Buffer.from(`picture ${index}`)
  return {
    index,
    timestamp: index * 300,
    marker: true,
    startsKeyframe: index === 1,
    payload,
  }
}

test('a lost packet is retransmitted in the RTX stream, with its original sequence number', () => {
  const { retransmitter, sent, sequenceOf } = watching(10)
  retransmitter.retransmit([sequenceOf(4), sequenceOf(7)], 0)
  expect(sent.map(({ ssrc, payloadType, timestamp }) => [ssrc, payloadType, timestamp])).toEqual([
    [12, 97, 1200],
    [12, 97, 2100],
  ])
  expect(sent[0]!.payload.readUInt16BE()).toBe(sequenceOf(4))
  expect(sent[0]!.payload.subarray(2).toString()).toBe('picture 4')
  expect(sent[1]!.sequence).toBe(sent[0]!.sequence + 1)
})

test('without an RTX stream it is sent unchanged', () => {
  const { retransmitter, sent, live, sequenceOf } = watching(10, { hasRtx: false })
  retransmitter.retransmit([sequenceOf(4)], 0)
  expect(sent).toEqual([live[3]])
})

test('a packet that was never sent to this viewer, or is too old, is not retransmitted', () => {
  const { retransmitter, sent, sequenceOf } = watching(3000)
  retransmitter.retransmit(
    [sequenceOf(0), sequenceOf(-5), sequenceOf(3001), sequenceOf(900), sequenceOf(952)],
    0,
  )
  expect(sent).toEqual([])
  retransmitter.retransmit([sequenceOf(953)], 0)
  expect(sent.length).toBe(1)
})

test('a loss reported twice at once is retransmitted once, and again when reported later', () => {
  const { retransmitter, sent, sequenceOf } = watching(10)
  retransmitter.retransmit([sequenceOf(4), sequenceOf(4)], 0)
  retransmitter.retransmit([sequenceOf(4)], 20)
  expect(sent.length).toBe(1)
  retransmitter.retransmit([sequenceOf(4)], 31)
  expect(sent.length).toBe(2)
})

test.each([
  [4, 10],
  [80, 80],
  [5000, 1000],
])(
  'with a round trip of %d ms, what is reported again within %d ms is on its way',
  (roundTripMs, againAfterMs) => {
    const { retransmitter, sent, sequenceOf } = watching(10)
    for (const atMs of [0, againAfterMs - 1, againAfterMs])
      retransmitter.retransmit([sequenceOf(4)], atMs, roundTripMs)
    expect(sent.length).toBe(2)
    expect(retransmitter.octets).toBe(2 * 'picture 4'.length)
  },
)

test('a viewer that reports every packet as lost gets no more than its budget', () => {
  const { retransmitter, sent, sink, history, sequenceOf } = watching(100)
  for (let index = 101; index <= 5000; index++) {
    history.add(packetOf(index))
    sink.send(packetOf(index))
    retransmitter.retransmit(
      Array.from({ length: 50 }, (_, i) => sequenceOf(index - i)),
      index * 40,
    )
  }
  const repeated = sent.filter(({ ssrc }) => ssrc === RTX.ssrc).length
  expect(repeated).toBeGreaterThan(2000)
  expect(repeated).toBeLessThanOrEqual(300 + 5000 / 2)
  expect(retransmitter.overBudget).toBeGreaterThan(100_000)
})

test('a path is probed with copies of the last frame in the RTX stream, which count as no retransmission', () => {
  const { retransmitter, sent, sequenceOf } = watching(10)
  retransmitter.probe(100)
  expect(new Set(sent.map(({ ssrc, payloadType }) => `${ssrc} ${payloadType}`))).toEqual(new Set(['12 97']))
  expect(new Set(sent.map(({ payload }) => payload.readUInt16BE()))).toEqual(new Set([sequenceOf(10)]))
  expect(sent.map(({ sequence }) => sequence - sent[0]!.sequence)).toEqual(sent.map((_, i) => i))
  const bytes = sent.reduce((sum, { payload }) => sum + payload.length + 12, 0)
  expect(bytes).toBeGreaterThanOrEqual(100)
  expect(bytes).toBeLessThan(130)
  expect([retransmitter.retransmitted, retransmitter.octets, retransmitter.probes]).toEqual([
    0,
    0,
    sent.length,
  ])
})

test('without an RTX stream nothing is probed: the receiver would take a copy for a replay', () => {
  const { retransmitter, sent } = watching(10, { hasRtx: false })
  retransmitter.probe(1000)
  expect([sent, retransmitter.canProbe]).toEqual([[], false])
})
