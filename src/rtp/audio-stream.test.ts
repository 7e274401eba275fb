import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { rtpPacket } from '../../test/support/rtp.js'
import { monotonicMs } from '../lib/monotonic-clock.js'
import { openAudioStream } from './audio-stream.js'
import type { MediaPacket } from './packet.js'
import { writeSenderReport } from './rtcp/sender-report.js'

const SSRC = 0x55667788
const FRAME_TICKS = 960 // 20 ms at 48 kHz
/** A time of CLOCK_MONOTONIC as an NTP timestamp, which writeSenderReport expects as Unix time. */
const NTP_EPOCH_MS = 2_208_988_800_000

async function open() {
  const stream = await openAudioStream({
    expected: { ssrc: SSRC, payloadType: 97 },
    preferredPort: 0,
    onError: (error) => {
      throw error
    },
  })
  onTestFinished(async () => await stream[Symbol.asyncDispose]())
  const packets: MediaPacket[] = []
  stream.fanout.add({ send: (packet) => void packets.push(packet), flush: () => {} })
  const send = async (from: Awaited<ReturnType<typeof sender>>, datagram: Buffer): Promise<void> => {
    await new Promise<void>((resolve) => from.send(datagram, stream.port, '127.0.0.1', () => resolve()))
  }
  return { stream, packets, send }
}

async function sender() {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  return socket
}

const opus = (i: number, about: { sequence?: number; timestamp?: number; ssrc?: number } = {}): Buffer =>
  rtpPacket({
    ssrc: about.ssrc ?? SSRC,
    payloadType: 97,
    sequence: (about.sequence ?? 0) + i,
    timestamp: (about.timestamp ?? 0) + i * FRAME_TICKS,
    payload: Buffer.from([0x78, i]),
  })

test('a process that starts again continues the numbers, and the time by as much as passed', async () => {
  const { stream, packets, send } = await open()
  const [first, second] = [await sender(), await sender()]
  for (let i = 0; i < 3; i++) await send(first, opus(i, { sequence: 65_534, timestamp: 0xffffff00 }))
  await vi.waitFor(() => expect(packets).toHaveLength(3))
  const brokeAtMs = performance.now()
  stream.expectNewSender()
  for (let i = 0; i < 3; i++) await send(second, opus(i, { sequence: 5, timestamp: 77 }))
  await vi.waitFor(() => expect(packets).toHaveLength(6))
  const pauseMs = performance.now() - brokeAtMs
  const steps = packets.slice(1).map(({ index }, i) => index - packets[i]!.index)
  expect(steps).toEqual([1, 1, 1, 1, 1])
  const ticks = packets.slice(1).map(({ timestamp }, i) => (timestamp - packets[i]!.timestamp) | 0)
  expect([...ticks.slice(0, 2), ...ticks.slice(3)]).toEqual([960, 960, 960, 960])
  expect(ticks[2]).toBeGreaterThan(0)
  expect(ticks[2]! / 48).toBeLessThanOrEqual(pauseMs + 20)
})

test('every packet may be the first of a viewer, and is kept for retransmission', async () => {
  const { stream, packets, send } = await open()
  const from = await sender()
  for (let i = 0; i < 300; i++) await send(from, opus(i))
  await vi.waitFor(() => expect(packets).toHaveLength(300))
  expect(packets.every(({ startsKeyframe }) => startsKeyframe)).toBe(true)
  const { history } = stream.fanout
  expect(history.get(packets[299]!.index)).toBe(packets[299])
  expect(history.get(packets[0]!.index)).toBeUndefined()
})

test('packets of another stream are ignored', async () => {
  const { stream, packets, send } = await open()
  const from = await sender()
  await send(from, opus(0, { ssrc: 1 }))
  await send(from, opus(1))
  await vi.waitFor(() => expect(packets).toHaveLength(1))
  expect(stream.ignored).toBe(1)
})

test('reports on the same port say when the sound was recorded', async () => {
  const { stream, packets, send } = await open()
  const [rtp, rtcp] = [await sender(), await sender()]
  await send(rtp, opus(0))
  await vi.waitFor(() => expect(packets).toHaveLength(1))
  const recordedMs = performance.now() - 100
  const about = { ssrc: SSRC, packets: 1, octets: 2, cname: 'x', rtpTimestamp: 0 }
  const wallMs = monotonicMs() - 100 - NTP_EPOCH_MS
  await send(rtcp, writeSenderReport({ ...about, wallMs }))
  await vi.waitFor(() => expect(stream.clock.source).toBe('reports'))
  expect(stream.clock.captureMonotonicMs(packets[0]!.timestamp)).toBeCloseTo(recordedMs, -1)
  // 48 ticks per millisecond.
  expect(stream.clock.timestampAt(recordedMs + 1000)! - packets[0]!.timestamp).toBeCloseTo(48_000, -3)
})
