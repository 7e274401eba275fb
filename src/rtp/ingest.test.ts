import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { rtpPacket } from '../../test/support/rtp.js'
import { openUdpBatches } from '../udp/open.js'
import { openIngest, type Ingest, type IngestOptions } from './ingest.js'
import { writePli } from './rtcp/feedback.js'
import { writeSenderReport, type SenderReport } from './rtcp/sender-report.js'

const SSRC = 0x11223344
const ANY_PORTS = { rtpPort: 0, rtcpPort: 0, feedbackPort: 0 }

async function open(
  options: Partial<IngestOptions> = {},
): Promise<{ ingest: Ingest; received: Buffer[]; senders: () => number }> {
  const received: Buffer[] = []
  let senders = 0
  const ingest = await openIngest({
    expected: { ssrc: SSRC, payloadType: 96 },
    preferred: ANY_PORTS,
    onPacket: (rtp) => received.push(rtp) > 0,
    onNewSender: () => {
      senders++
    },
    onSenderReport: () => {},
    onError: (error) => {
      throw error
    },
    ...options,
  })
  onTestFinished(async () => await ingest[Symbol.asyncDispose]())
  return { ingest, received, senders: () => senders }
}

async function sender(): Promise<{
  socket: Socket
  send: (packet: Buffer, ingest: Ingest) => Promise<void>
}> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  return {
    socket,
    send: (packet, ingest) =>
      new Promise((resolve) => socket.send(packet, ingest.ports.rtpPort, '127.0.0.1', () => resolve())),
  }
}

const soon = (): AbortSignal => AbortSignal.timeout(2000)

test('packets of the expected stream arrive, others are counted and ignored', async () => {
  const { ingest, received } = await open()
  const { send } = await sender()
  await send(rtpPacket({ sequence: 1, ssrc: 99 }), ingest)
  await send(rtpPacket({ sequence: 1, payloadType: 111, ssrc: SSRC }), ingest)
  await send(Buffer.from('rubbish'), ingest)
  const next = ingest.nextPacket(soon())
  await send(rtpPacket({ sequence: 2 }), ingest)
  await next
  expect(received).toHaveLength(1)
  expect(ingest.ignored).toBe(3)
})

test('a second sender is ignored while the first one sends', async () => {
  const { ingest, received, senders } = await open()
  const [first, stranger] = [await sender(), await sender()]
  let next = ingest.nextPacket(soon())
  await first.send(rtpPacket({ sequence: 1 }), ingest)
  await next
  next = ingest.nextPacket(soon())
  await stranger.send(rtpPacket({ sequence: 666 }), ingest)
  await first.send(rtpPacket({ sequence: 2 }), ingest)
  await next
  expect(received.map((packet) => packet.readUInt16BE(2))).toEqual([1, 2])
  expect(senders()).toBe(1)
})

test('a useless packet is not counted, and does not resolve nextPacket', async () => {
  let isOfUse = false
  const { ingest } = await open({ onPacket: () => isOfUse })
  const { send } = await sender()
  const next = ingest.nextPacket(soon())
  await send(rtpPacket({ sequence: 1 }), ingest)
  await vi.waitFor(() => expect(ingest.ignored).toBe(1))
  isOfUse = true
  await send(rtpPacket({ sequence: 2 }), ingest)
  await next
  expect([ingest.packets, ingest.ignored]).toEqual([1, 1])
})

test('packets that wait behind the first one are one burst, in order, and memory of their own', async () => {
  const { batches } = await openUdpBatches()
  const bursts: number[][] = [[]]
  const { ingest, received } = await open({
    waiting: batches,
    onPacket: (rtp) => {
      bursts.at(-1)!.push(rtp.readUInt16BE(2))
      return received.push(rtp) > 0
    },
    onBurstEnd: () => void bursts.push([]),
  })
  const { socket } = await sender()
  const batch = batches.openSend(socket, { isIpv6: false, sendSingly: () => expect.unreachable() })!
  const to = batches.destination('127.0.0.1', ingest.ports.rtpPort, false)
  const sequences = Array.from({ length: 200 }, (_, i) => i)
  for (const sequence of sequences) batch.add(rtpPacket({ sequence }), to)
  batches.flush()
  await vi.waitFor(() => expect(ingest.packets).toBe(sequences.length))
  expect(bursts.flat()).toEqual(sequences)
  expect(received.map((rtp) => rtp.readUInt16BE(2))).toEqual(sequences)
  const lengths = bursts.map(({ length }) => length)
  expect(Math.max(...lengths)).toBeGreaterThan(1)
  expect(Math.max(...lengths)).toBeLessThanOrEqual(1 + 64 + 32) // after a stall, other work has its turn
})

test('each datagram is a burst without such a reader', async () => {
  let bursts = 0
  const { ingest } = await open({ onBurstEnd: () => bursts++ })
  const { send } = await sender()
  for (const sequence of [1, 2, 3]) await send(rtpPacket({ sequence }), ingest)
  await vi.waitFor(() => expect(ingest.packets).toBe(3))
  expect(bursts).toBe(3)
})

/** Sends packets of these streams in order. @returns the accepted SSRCs. */
async function playStreams(streams: readonly { ssrc: number; payloadType?: number }[]) {
  const { ingest, received, senders } = await open({ expected: undefined })
  const { send } = await sender()
  for (const [sequence, stream] of streams.entries()) await send(rtpPacket({ sequence, ...stream }), ingest)
  await vi.waitFor(() => expect(ingest.packets + ingest.ignored).toBe(streams.length))
  return { taken: received.map((rtp) => rtp.readUInt32BE(8)), senders: senders() }
}

test('a camera that nobody watches is read at intervals, and for a viewer at once', async () => {
  const { batches } = await openUdpBatches()
  const calls: string[] = []
  const waiting: IngestOptions['waiting'] = {
    reader: (socket) => batches.reader(socket),
    events: (socket) => {
      const events = batches.events(socket)!
      const noted = (name: 'start' | 'stop') => () => {
        calls.push(name)
        events[name]()
      }
      return { start: noted('start'), stop: noted('stop') }
    },
  }
  let bursts = 0
  const slowReading = { intervalMs: 20, observedMs: 40 }
  const { ingest, received } = await open({ waiting, slowReading, onBurstEnd: () => bursts++ })
  const { send } = await sender()
  ingest.expectNewSender()
  await send(rtpPacket({ sequence: 0 }), ingest)
  await vi.waitFor(() => expect(calls).toEqual(['stop']))
  const before = bursts
  for (let sequence = 1; sequence <= 20; sequence++) await send(rtpPacket({ sequence }), ingest)
  await vi.waitFor(() => expect(received.length).toBe(21))
  expect(bursts).toBeGreaterThan(before)
  await send(rtpPacket({ sequence: 21 }), ingest)
  ingest.watched(true)
  expect(calls).toEqual(['stop', 'start'])
  expect(received.length).toBe(22)
  await send(rtpPacket({ sequence: 22 }), ingest)
  await vi.waitFor(() => expect(received.length).toBe(23))
  expect(received.map((rtp) => rtp.readUInt16BE(2))).toEqual(Array.from({ length: 23 }, (_, i) => i))
})

test('a new stream of an external sender is accepted at once', async () => {
  const { taken, senders } = await playStreams([
    { ssrc: 1 },
    { ssrc: 1 },
    { ssrc: 2 },
    { ssrc: 2 },
    { ssrc: 3 },
  ])
  expect(taken).toEqual([1, 1, 2, 2, 3])
  expect(senders).toBe(3)
})

test('of several streams of an external sender, one is accepted', async () => {
  const sound = { ssrc: 7, payloadType: 111 }
  expect((await playStreams([{ ssrc: 1 }, sound, { ssrc: 1 }, sound, { ssrc: 1 }])).taken).toEqual([1, 1, 1])
  const two = await playStreams([{ ssrc: 1 }, { ssrc: 2 }, { ssrc: 1 }, { ssrc: 2 }, { ssrc: 1 }])
  expect(two.taken).toEqual([1, 2, 2])
})

test('after a restart the new sender is accepted at once', async () => {
  const { ingest, received, senders } = await open()
  for (const sequence of [1, 2]) {
    ingest.expectNewSender()
    const next = ingest.nextPacket(soon())
    await (await sender()).send(rtpPacket({ sequence }), ingest)
    await next
  }
  expect(received).toHaveLength(2)
  expect(senders()).toBe(2)
})

test('a keyframe request is a PLI to the pipeline', async () => {
  const pipeline = await sender()
  const { ingest } = await open({ preferred: { ...ANY_PORTS, feedbackPort: 0 } })
  const feedback = createSocket('udp4')
  feedback.bind(ingest.ports.feedbackPort, '127.0.0.1')
  await once(feedback, 'listening')
  onTestFinished(() => void feedback.close())
  const message = once(feedback, 'message')
  await pipeline.send(rtpPacket({ sequence: 1 }), ingest)
  ingest.requestKeyframe()
  const [pli] = (await message) as [Buffer]
  expect(pli).toEqual(writePli(1, SSRC))
})

test('keyframe requests go to the source port of an external sender', async () => {
  const { ingest } = await open({ expected: undefined })
  const external = await sender()
  const message = once(external.socket, 'message')
  const next = ingest.nextPacket(soon())
  await external.send(rtpPacket({ sequence: 1, ssrc: 0x01020304 }), ingest)
  await next
  ingest.requestKeyframe()
  const [pli] = (await message) as [Buffer]
  expect(pli).toEqual(writePli(1, 0x01020304))
})

test('waiting for a packet can be aborted', async () => {
  const { ingest } = await open()
  const controller = new AbortController()
  const next = ingest.nextPacket(controller.signal)
  controller.abort(new Error('enough'))
  await expect(next).rejects.toThrow('enough')
})

test('a preferred port in use is replaced, an external one is an error', async () => {
  const { ingest } = await open()
  const taken = { ...ANY_PORTS, rtpPort: ingest.ports.rtpPort }
  const { ingest: other } = await open({ preferred: taken })
  expect(other.ports.rtpPort).not.toBe(taken.rtpPort)
  await expect(open({ preferred: taken, expected: undefined })).rejects.toThrow('EADDRINUSE')
})

test('a pipeline gets another feedback port while its own is in use, and keyframe requests go there', async () => {
  const holder = createSocket('udp4')
  holder.bind(0, '127.0.0.1')
  await once(holder, 'listening')
  const preferred = { ...ANY_PORTS, feedbackPort: holder.address().port }
  const { ingest } = await open({ preferred })
  const { feedbackPort } = await ingest.portsForStart()
  expect(feedbackPort).not.toBe(preferred.feedbackPort)
  const pipeline = createSocket('udp4')
  onTestFinished(() => void pipeline.close())
  pipeline.bind(feedbackPort, '127.0.0.1')
  const message = once(pipeline, 'message')
  await once(pipeline, 'listening')
  ingest.requestKeyframe()
  await message
  holder.close()
  await once(holder, 'close')
  expect((await ingest.portsForStart()).feedbackPort).toBe(preferred.feedbackPort)
})

const senderReport = (ssrc: number, rtpTimestamp: number): Buffer =>
  writeSenderReport({ ssrc, wallMs: 0, rtpTimestamp, packets: 0, octets: 0, cname: 'camera1' })

function collect() {
  const reports: SenderReport[] = []
  const onSenderReport = (report: SenderReport): void => void reports.push(report)
  const stamps = (): number[] => reports.map(({ rtpTimestamp }) => rtpTimestamp)
  return { onSenderReport, stamps }
}

test('a report of the expected stream is forwarded, one of another stream is not', async () => {
  const { onSenderReport, stamps } = collect()
  const { ingest } = await open({ onSenderReport })
  const { socket } = await sender()
  for (const [ssrc, stamp] of [
    [99, 1],
    [SSRC, 2],
    [SSRC, 3],
  ] as const)
    socket.send(senderReport(ssrc, stamp), ingest.ports.rtcpPort, '127.0.0.1')
  socket.send(Buffer.from('rubbish'), ingest.ports.rtcpPort, '127.0.0.1')
  await vi.waitFor(() => expect(stamps()).toEqual([2, 3]))
})

test('an external sender may report on its RTP port, once its stream is known', async () => {
  const { onSenderReport, stamps } = collect()
  const { ingest } = await open({ expected: undefined, onSenderReport })
  const external = await sender()
  await external.send(senderReport(SSRC, 1), ingest)
  const next = ingest.nextPacket(soon())
  await external.send(rtpPacket({ sequence: 1, ssrc: SSRC }), ingest)
  await next
  await external.send(senderReport(99, 2), ingest)
  await external.send(senderReport(SSRC, 3), ingest)
  await vi.waitFor(() => expect(stamps()).toEqual([3]))
  expect(ingest.ignored).toBe(0)
})

test('a closed ingest asks for no keyframe, and no watcher wakes it', async () => {
  const ingest = await openIngest({
    expected: undefined,
    preferred: ANY_PORTS,
    onPacket: () => true,
    onNewSender: () => {},
    onSenderReport: () => {},
    onError: () => {},
  })
  const { send } = await sender()
  const next = ingest.nextPacket(soon())
  await send(rtpPacket({ sequence: 1 }), ingest)
  await next
  ingest.watched(true)
  await ingest[Symbol.asyncDispose]()
  expect(() => {
    ingest.requestKeyframe()
    ingest.watched(false)
  }).not.toThrow()
})
