import { expect, onTestFinished, test } from 'vitest'
import { rtpPacket, vp8Key } from '../../test/support/rtp.js'
import type { MediaPacket } from './packet.js'
import { writeSenderReport } from './rtcp/sender-report.js'
import { parseSenderReport } from './rtcp/sender-report.js'
import { openPublishedStream } from './stream.js'

async function open() {
  const stream = await openPublishedStream({ codec: 'vp8' })
  onTestFinished(async () => await stream[Symbol.asyncDispose]())
  const packets: MediaPacket[] = []
  stream.fanout.add({ send: (packet: MediaPacket) => void packets.push(packet), flush: () => {} })
  return { stream, packets }
}
const packet = (sequence: number, timestamp: number): Buffer =>
  rtpPacket({ sequence, timestamp, payload: vp8Key, marker: true })

test('packets of one publisher after another are one stream', async () => {
  const { stream, packets } = await open()
  const first = stream.published.publish(() => {})
  first.receive(packet(100, 5000), 0)
  first.receive(packet(101, 8000), 33)
  const second = stream.published.publish(() => {})
  second.receive(packet(7, 900_000), 1000)
  second.receive(packet(8, 903_000), 1033)
  expect(packets.map(({ index }) => index)).toEqual([1, 2, 3, 4])
  expect(packets.map(({ timestamp }) => timestamp - packets[0]!.timestamp)).toEqual([0, 3000, 90_030, 93_030])
})

test('only the current publisher is heard, and asked for keyframes', async () => {
  const { stream, packets } = await open()
  const asked: string[] = []
  const first = stream.published.publish(() => asked.push('first'))
  const second = stream.published.publish(() => asked.push('second'))
  first.receive(packet(1, 0), 0)
  expect(packets).toEqual([])
  first[Symbol.dispose]()
  expect(stream.published.isPublished).toBe(true)
  stream.requestKeyframe()
  expect(asked).toEqual(['second'])
  second[Symbol.dispose]()
  expect(stream.published.isPublished).toBe(false)
})

test('when a frame was captured on another machine is not known', async () => {
  const { stream } = await open()
  const publishing = stream.published.publish(() => {})
  publishing.receive(packet(1, 5000), performance.now())
  // As if the clocks of the two machines agreed.
  const report = writeSenderReport({
    ssrc: 0x11223344,
    wallMs: Date.now(),
    rtpTimestamp: 5000,
    packets: 1,
    octets: 1,
    cname: 'x',
  })
  stream.clock.noteSenderReport(parseSenderReport(report)!, performance.now())
  expect(stream.clock.source).toBe('arrivals')
  expect(stream.clock.captureMonotonicMs(5000)).toBeUndefined()
  expect(stream.captureDelayMs).toBeUndefined()
  expect(stream.clock.timestampAt(performance.now())).toBeGreaterThanOrEqual(5000)
})
