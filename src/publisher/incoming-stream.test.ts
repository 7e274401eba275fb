import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { aggregate, PPS, slice, SPS } from '../../test/support/h264.js'
import { rtpPacket, vp8Delta, vp8Key } from '../../test/support/rtp.js'
import { payloadOf, sequenceOf } from '../rtp/packet.js'
import { IncomingStream } from './incoming-stream.js'

const OPTIONS = { codec: 'vp8', payloadType: 96, rtxPayloadType: 97 } as const

/** A stream whose packets are not encrypted. */
function openIncoming(decrypt: (packet: Buffer) => Buffer | undefined = (packet) => packet): {
  incoming: IncomingStream
  out: number[]
  counts: { restarts: number; flushes: number; keyframeRequests: number; decrypted: number }
} {
  const out: number[] = []
  const counts = { restarts: 0, flushes: 0, keyframeRequests: 0, decrypted: 0 }
  const incoming = new IncomingStream({
    ...OPTIONS,
    decryption: {
      receive: (packet) => {
        counts.decrypted++
        return decrypt(packet)
      },
    },
    publishing: {
      receive: (rtp) => void out.push(sequenceOf(rtp)),
      flush: () => counts.flushes++,
      restarts: () => counts.restarts++,
      [Symbol.dispose]: () => {},
    },
    requestKeyframe: () => counts.keyframeRequests++,
  })
  return { incoming, out, counts }
}

test('packets of the agreed payload type are handed on, in one burst', async () => {
  const { incoming, out, counts } = openIncoming()
  expect(incoming.receive(rtpPacket({ sequence: 1, payload: vp8Key }))).toBe(true)
  expect(incoming.receive(rtpPacket({ sequence: 2 }))).toBe(true)
  expect(out).toEqual([1, 2])
  await sleep(1)
  expect(counts).toMatchObject({ flushes: 1, keyframeRequests: 0 })
})

test('other payload types are dropped before they are decrypted', () => {
  const { incoming, counts } = openIncoming()
  expect(incoming.receive(rtpPacket({ sequence: 1, payloadType: 111 }))).toBe(false)
  expect(incoming.receive(rtpPacket({ sequence: 1, payload: Buffer.alloc(3000) }))).toBe(false)
  expect(counts.decrypted).toBe(0)
  expect(incoming.dropped).toBe(2)
})

test('a packet that is not authentic says nothing of its stream', () => {
  const { incoming, out } = openIncoming(() => undefined)
  expect(incoming.receive(rtpPacket({ sequence: 1 }))).toBe(false)
  expect(incoming.ssrc).toBeUndefined()
  expect(out).toEqual([])
})

test('of a stream that begins within a group of pictures nothing is handed on before a keyframe', async () => {
  const { incoming, out, counts } = openIncoming()
  incoming.receive(rtpPacket({ sequence: 1, payload: vp8Delta }))
  expect({ out, counts }).toMatchObject({ out: [], counts: { keyframeRequests: 1 } })
  incoming.receive(rtpPacket({ sequence: 2, payload: vp8Key }))
  incoming.receive(rtpPacket({ sequence: 3, payload: vp8Delta }))
  expect(out).toEqual([2, 3])
  await sleep(520)
  incoming.receive(rtpPacket({ sequence: 50, ssrc: 9, payload: vp8Delta }))
  incoming.receive(rtpPacket({ sequence: 51, ssrc: 9, payload: vp8Key }))
  expect(out).toEqual([2, 3, 51])
})

test('a retransmission takes the place of the packet that was lost', () => {
  const { incoming, out } = openIncoming()
  for (const sequence of [1, 3, 4]) incoming.receive(rtpPacket({ sequence, payload: vp8Key }))
  expect(incoming.isWaiting).toBe(true)
  const payload = Buffer.concat([Buffer.from([0, 2]), vp8Delta])
  incoming.receive(rtpPacket({ sequence: 900, ssrc: 5, payloadType: 97, payload }))
  expect(out).toEqual([1, 2, 3, 4])
  expect(incoming).toMatchObject({ recovered: 1, retransmitted: 1, packets: 3 })
})

test('of two streams at once only the first is accepted; another one follows when it has stopped', async () => {
  const { incoming, out, counts } = openIncoming()
  incoming.receive(rtpPacket({ sequence: 1, ssrc: 1, payload: vp8Key }))
  incoming.receive(rtpPacket({ sequence: 500, ssrc: 2, payload: vp8Key }))
  expect(out).toEqual([1])
  await sleep(520)
  incoming.receive(rtpPacket({ sequence: 600, ssrc: 2, payload: vp8Key }))
  expect(out).toEqual([1, 600])
  expect(counts.restarts).toBe(1)
  expect(incoming.ssrc).toBe(2)
})

test('a flood is cut off before it is decrypted', () => {
  const { incoming, counts } = openIncoming()
  for (let i = 0; i < 20_000; i++) incoming.receive(rtpPacket({ sequence: i & 0xffff, payload: vp8Key }))
  expect(counts.decrypted).toBeLessThan(15_000)
})

test('H.264 whose parameter sets are only in the offer begins with them', () => {
  const out: Buffer[] = []
  const incoming = new IncomingStream({
    codec: 'h264',
    payloadType: 96,
    rtxPayloadType: undefined,
    parameterSets: [SPS, PPS],
    decryption: { receive: (packet) => packet },
    publishing: {
      receive: (rtp) => void out.push(rtp),
      flush: () => {},
      restarts: () => {},
      [Symbol.dispose]: () => {},
    },
    requestKeyframe: () => {},
  })
  const frames = [slice(1), slice(5), slice(1)]
  for (const [i, payload] of frames.entries())
    incoming.receive(rtpPacket({ sequence: i, timestamp: i * 3000, marker: true, payload }))
  expect(out.map(sequenceOf)).toEqual([1, 2, 3])
  expect(payloadOf(out[0]!)).toEqual(aggregate(SPS, PPS))
})

test('the bit rate is that between two measurements', () => {
  const { incoming } = openIncoming()
  incoming.measure(1000)
  expect(incoming.bitrateBps).toBeUndefined()
  for (let i = 0; i < 100; i++)
    incoming.receive(rtpPacket({ sequence: i, payload: Buffer.concat([vp8Key, Buffer.alloc(990)]) }))
  incoming.measure(2000)
  expect(incoming.bitrateBps).toBe(incoming.octets * 8)
  incoming.measure(3000)
  expect(incoming.bitrateBps).toBe(0)
})
