import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { aggregate, fragments, HIGH_SPS, packetizer, PPS, slice, SPS } from '../../../test/support/h264.js'
import { defaultConfig } from '../../config/parse.js'
import { silentLog } from '../../log.js'
import { RtpFanout } from '../../rtp/fanout.js'
import type { MediaPacket } from '../../rtp/packet.js'
import { parseFeedback, writePli } from '../../rtp/rtcp/feedback.js'
import { parseSenderReport } from '../../rtp/rtcp/sender-report.js'
import type { SharedWithWebRtc } from '../plain-session.js'
import type { StreamOfCamera } from '../registry-options.js'
import { Slots } from '../slots.js'
import { ViewerCounters } from '../stats/counters.js'
import { ViewerList } from '../viewer-list.js'
import { findParameterSets } from './parameter-sets.js'
import type { RtspOutput } from './rtsp-peer.js'
import { admitRtsp, startTimestamp } from './rtsp-viewers.js'

const idr = slice(5)
const delta = slice(1)

function camera() {
  const fanout = new RtpFanout()
  const requestKeyframe = vi.fn()
  const watching = { count: 0 }
  const stream: StreamOfCamera = {
    codec: 'h264',
    fanout,
    clock: {
      timestampAt: () => 90_000,
      captureTimeOf: () => undefined,
    } as unknown as StreamOfCamera['clock'],
    keyframesOnDemand: true,
    requestKeyframe,
    watch: () => {
      watching.count++
      return {
        [Symbol.dispose]: () => {
          watching.count--
        },
      }
    },
  }
  const send = (packets: MediaPacket[]): void => {
    for (const packet of packets) fanout.send(packet)
    fanout.flush()
  }
  return { stream, requestKeyframe, send, watching }
}

describe('the parameter sets', () => {
  test.each([
    ['in packets of their own', [SPS, PPS, idr]],
    ['in one packet', [aggregate(SPS, PPS, idr)]],
    ['before fragments', [SPS, PPS, ...fragments(slice(5, 3000), 500)]],
  ])('of the last keyframe are found %s', async (_title, payloads) => {
    const { stream, send, requestKeyframe } = camera()
    const frame = packetizer()
    send(frame(HIGH_SPS, PPS, idr))
    send(frame(delta))
    send(frame(...payloads))
    send(frame(delta))
    expect(await findParameterSets(stream)).toEqual({ sps: [SPS], pps: [PPS] })
    expect(requestKeyframe).not.toHaveBeenCalled()
  })

  test('of the next keyframe are waited for, while the camera captures', async () => {
    const { stream, send, requestKeyframe, watching } = camera()
    const frame = packetizer()
    send(frame(delta))
    const found = findParameterSets(stream)
    expect([requestKeyframe.mock.calls.length, watching.count]).toEqual([1, 1])
    const [first, ...rest] = frame(SPS, PPS, idr)
    send([first!])
    send(rest)
    expect(await found).toEqual({ sps: [SPS], pps: [PPS] })
    expect([watching.count, stream.fanout instanceof RtpFanout && stream.fanout.viewers]).toEqual([0, 0])
  })

  test.each([
    ['without a camera', []],
    ['of a stream that has none', [idr]],
    ['that are damaged', [Buffer.from([0x78, 0xff, 0xff, 0x67]), idr]],
    ['that are too long', [Buffer.concat([SPS, Buffer.alloc(2000)]), PPS, idr]],
  ])('%s are none after the limit', async (_title, payloads) => {
    const { stream, send } = camera()
    const found = findParameterSets(stream, 1)
    if (payloads.length > 0) send(packetizer()(...payloads))
    expect(await found).toEqual({ sps: [], pps: [] })
  })
})

test('the first timestamp is that of a fresh keyframe, or of now', () => {
  const { stream, send } = camera()
  expect(startTimestamp(stream)).toBe(90_000)
  send(packetizer(0, 5000)(SPS, PPS, idr))
  expect(startTimestamp(stream)).toBe(5000)
})

describe('a reader', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
  })

  function reader(transport: 'udp' | 'tcp' = 'udp') {
    const { stream, send, requestKeyframe, watching } = camera()
    const network = { hasRoom: true, lastHeardAtMs: performance.now() }
    const sent: Buffer[] = []
    const rtcp: Buffer[] = []
    const output: RtspOutput = {
      transport,
      hasRoom: () => network.hasRoom,
      sendRtp: (header, payload) => void sent.push(Buffer.concat([header, payload])),
      flush: () => {},
      sendRtcp: (compound) => void rtcp.push(compound),
      onRtcp: () => {},
      get lastHeardAtMs() {
        return network.lastHeardAtMs
      },
    }
    const shared: SharedWithWebRtc = {
      slots: new Slots(),
      list: new ViewerList(),
      counters: new ViewerCounters(),
      config: { webrtc: { maxClients: 1 }, limits: defaultConfig().limits },
      log: silentLog,
    }
    shared.counters.open('camera1')
    let start = (): void => {}
    let lose = (): void => {}
    const ready = new Promise<void>((resolve) => (start = resolve))
    const lost = new Promise<void>((resolve) => (lose = resolve))
    const numbers = { ssrc: 77, sequence: 65_535 }
    const admit = () =>
      admitRtsp(shared, stream, {
        camera: 'camera1',
        address: '192.0.2.1',
        output,
        numbers,
        sessionTimeoutMs: 60_000,
        audio: undefined,
        ready,
        lost,
      })
    const session = admit()
    return {
      ...shared,
      session,
      admit,
      start,
      lose,
      numbers,
      network,
      sent,
      rtcp,
      output,
      send,
      requestKeyframe,
      watching,
    }
  }
  const settle = async (): Promise<void> => {
    await vi.advanceTimersByTimeAsync(0)
  }
  const sequences = (sent: Buffer[]): number[] => sent.map((packet) => packet.readUInt16BE(2))

  test('gets the packets from a keyframe on, with the announced number and SSRC', async () => {
    const { start, send, sent, numbers, list, counters, watching } = reader()
    const frame = packetizer()
    send(frame(delta))
    await settle()
    send(frame(SPS, PPS, idr))
    expect([sent, watching.count]).toEqual([[], 1])
    start()
    await vi.advanceTimersByTimeAsync(20)
    send(frame(delta))
    expect(sequences(sent)).toEqual([65_535, 0, 1, 2])
    expect(numbers.sequence).toBe(3)
    expect(sent.map((packet) => [packet[0], packet[1]! & 0x7f, packet.readUInt32BE(8)])).toEqual(
      sent.map(() => [0x80, 96, 77]),
    )
    expect(sent.map((packet) => packet[1]! >> 7)).toEqual([0, 0, 1, 1])
    expect(list.list()).toMatchObject([
      { via: 'rtsp', camera: 'camera1', transport: 'udp', address: '192.0.2.1', stats: { packets: 4 } },
    ])
    expect(counters.snapshot()['camera1']!.viewers).toMatchObject([{ isRtsp: true, transport: 'udp' }])
  })

  test('gets sender reports with the capture clock, and a BYE at the end', async () => {
    const { start, send, rtcp, session, watching } = reader()
    send(packetizer()(SPS, PPS, idr))
    start()
    await vi.advanceTimersByTimeAsync(500)
    expect(parseSenderReport(rtcp[0]!)).toMatchObject({ ssrc: 77, rtpTimestamp: 90_000 })
    await session.dismiss()
    expect(parseFeedback(rtcp.at(-1)!, 77, { lastCommandSequence: undefined }).bye).toBe(true)
    expect(watching.count).toBe(0)
  })

  test('requests keyframes, and leaves by BYE', async () => {
    const { start, requestKeyframe, output, session } = reader()
    start()
    await settle()
    requestKeyframe.mockClear()
    output.onRtcp(writePli(1, 77))
    expect(requestKeyframe).toHaveBeenCalledOnce()
    output.onRtcp(Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 1]))
    expect(await session.ended).toBe('left')
  })

  test('has a slot like any other viewer, and gives it back', async () => {
    const { start, admit, lose, session } = reader()
    start()
    await settle()
    expect(admit).toThrow(expect.objectContaining({ code: 'camera-full' }) as Error)
    lose()
    expect(await session.ended).toBe('connection-lost')
    await admit().dismiss()
  })

  test('that does not play gives its slot back', async () => {
    const { session } = reader()
    await vi.advanceTimersByTimeAsync(12_000)
    expect(await session.ended).toBe('never-connected')
  })

  test.each([
    ['udp', 60_000, 70_000],
    ['tcp', 14_000, 17_000],
  ] as const)(
    'over %s ends when it is silent for longer than its session lasts',
    async (transport, before, after) => {
      const { start, session, list } = reader(transport)
      start()
      await vi.advanceTimersByTimeAsync(before)
      expect(list.list()).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(after - before)
      expect(await session.ended).toBe('silent')
    },
  )

  test('over TCP that reads too slowly loses whole frames up to a keyframe, without a gap in the numbers', async () => {
    const { start, send, sent, network, requestKeyframe, counters } = reader('tcp')
    const frame = packetizer()
    send(frame(SPS, PPS, idr))
    start()
    await vi.advanceTimersByTimeAsync(20)
    expect(sent).toHaveLength(3)
    network.hasRoom = false
    for (let i = 0; i < 60; i++) send(frame(delta, delta))
    await vi.advanceTimersByTimeAsync(20)
    expect(sent).toHaveLength(3)
    network.hasRoom = true
    requestKeyframe.mockClear()
    await vi.advanceTimersByTimeAsync(3000)
    expect(requestKeyframe.mock.calls.length).toBeGreaterThan(0)
    send(frame(SPS, PPS, idr))
    send(frame(delta))
    await vi.advanceTimersByTimeAsync(20)
    const numbers = sequences(sent)
    expect(numbers.every((sequence, i) => i === 0 || sequence === ((numbers[i - 1]! + 1) & 0xffff))).toBe(
      true,
    )
    expect(sent.slice(-4).map((packet) => packet[12]! & 0x1f)).toEqual([7, 8, 5, 1])
    const [stats] = counters.snapshot()['camera1']!.viewers
    expect(stats!.framesDropped).toBeGreaterThan(20)
  })
})
