import { expect, test, vi } from 'vitest'
import { boxesOf, find } from '../../../test/support/mp4.js'
import { HIGH_SPS, packetizer, PPS, slice, SPS } from '../../../test/support/h264.js'
import { RtpFanout } from '../../rtp/fanout.js'
import type { MediaPacket } from '../../rtp/packet.js'
import type { CameraStream } from '../media/source.js'
import { Mp4Sender } from './mp4-sender.js'
import { SharedFrames, type VideoFrame } from './shared-frames.js'

const [idr, delta] = [slice(5), slice(1)]

/** A camera without a capture process. */
function camera({ keyframesOnDemand = true } = {}) {
  const fanout = new RtpFanout()
  const requestKeyframe = vi.fn()
  const clock = { timestampAt: () => undefined, captureMonotonicMs: () => undefined }
  const stream: CameraStream = { fanout, keyframesOnDemand, requestKeyframe, clock }
  const send = (packets: MediaPacket[]): void => packets.forEach((packet) => fanout.send(packet))
  return { stream, fanout, requestKeyframe, send }
}

/** A viewer whose network has the lag that a test gives it. */
function viewer(requestKeyframe = () => {}) {
  const network = { unsentBytes: 0, lagMs: 0, nowMs: 0 }
  const types: string[] = []
  const sent: Buffer[] = []
  const sender = new Mp4Sender(
    {
      begin: (type) => void types.push(type),
      send: (bytes) => void sent.push(Buffer.from(bytes)),
      get unsentBytes() {
        return network.unsentBytes
      },
      get lagMs() {
        return network.lagMs
      },
    },
    requestKeyframe,
    () => network.nowMs,
  )
  const kinds = (): string[] => sent.map((bytes) => boxesOf(bytes)[0]!.type)
  const fragments = () =>
    sent
      .filter((bytes) => boxesOf(bytes)[0]!.type === 'moof')
      .map((bytes) => ({
        sequence: find(bytes, 'moof.mfhd').readUInt32BE(4),
        decodeTime: Number(find(bytes, 'moof.traf.tfdt').readBigUInt64BE(4)),
        duration: find(bytes, 'moof.traf.tfhd').readUInt32BE(8),
        isKeyframe: find(bytes, 'moof.traf.tfhd').readUInt32BE(16) === 0x02000000,
      }))
  return { sender, network, types, sent, kinds, fragments }
}

/** The frames of a camera from its packets. */
function framesOf(...packets: MediaPacket[]): VideoFrame[] {
  const { stream, send } = camera()
  const frames: VideoFrame[] = []
  new SharedFrames(stream).join((frame) => void frames.push(frame))
  send(packets)
  return frames
}

test('a viewer of a fresh camera gets the type, the init segment and a fragment per frame', () => {
  const { stream, requestKeyframe, send } = camera()
  const { sender, types, kinds, fragments } = viewer()
  const frame = packetizer()
  send(frame(delta))
  new SharedFrames(stream).join((one) => sender.send(one))
  expect(requestKeyframe).toHaveBeenCalledOnce()
  send(frame(delta))
  send(frame(SPS, PPS, idr))
  send(frame(delta))
  expect(types).toEqual(['video/mp4; codecs="avc1.42c01e"'])
  expect(kinds()).toEqual(['ftyp', 'moof', 'moof'])
  expect(fragments()).toEqual([
    { sequence: 1, decodeTime: 0, duration: 3000, isKeyframe: true },
    { sequence: 2, decodeTime: 3000, duration: 3000, isKeyframe: false },
  ])
})

test('a viewer that comes later starts with the last keyframe at once, and misses no frame after it', () => {
  const { stream, requestKeyframe, send } = camera()
  const frames = new SharedFrames(stream)
  const frame = packetizer()
  send(frame(SPS, PPS, idr))
  const [first, second] = [viewer(), viewer()]
  frames.join((one) => first.sender.send(one))
  send(frame(delta))
  const [half, otherHalf] = [frame(slice(1, 5), slice(1, 6)), frame(delta)]
  send(half.slice(0, 1))
  frames.join((one) => second.sender.send(one))
  send([...half.slice(1), ...otherHalf])
  expect(requestKeyframe).not.toHaveBeenCalled()
  expect(first.fragments()).toHaveLength(4)
  expect(second.fragments()).toEqual(first.fragments())
  expect(second.kinds().filter((kind) => kind === 'ftyp')).toHaveLength(1)
})

test('it runs only while there are viewers', () => {
  const { stream, fanout } = camera()
  const frames = new SharedFrames(stream)
  expect(fanout.viewers).toBe(0)
  const [one, other] = [frames.join(() => {}), frames.join(() => {})]
  expect([fanout.viewers, frames.isRunning]).toEqual([1, true])
  one[Symbol.dispose]()
  one[Symbol.dispose]()
  expect(frames.isRunning).toBe(true)
  other[Symbol.dispose]()
  expect([fanout.viewers, frames.isRunning]).toEqual([0, false])
})

test('a stream with other parameter sets gets another init segment, on the same timeline', () => {
  const { sender, types, kinds, fragments } = viewer()
  const frame = packetizer()
  const packets = [...frame(SPS, PPS, idr), ...frame(delta), ...frame(HIGH_SPS, PPS, idr), ...frame(delta)]
  for (const one of framesOf(...packets)) sender.send(one)
  expect(types).toEqual(['video/mp4; codecs="avc1.42c01e"', 'video/mp4; codecs="avc1.640014"'])
  expect(kinds()).toEqual(['ftyp', 'moof', 'moof', 'ftyp', 'moof', 'moof'])
  expect(fragments().map(({ decodeTime }) => decodeTime)).toEqual([0, 3000, 6000, 9000])
})

test('the timeline has no gaps and follows the camera, across a wrap of its timestamps', () => {
  const { sender, fragments } = viewer()
  const start = 2 ** 32 - 4000
  const offsets = [0, 3000, 6500, 9000, 15_000, 18_000]
  const packets = offsets.flatMap((offset, i) =>
    packetizer(3 * i, (start + offset) >>> 0)(...(i === 0 ? [SPS, PPS, idr] : [delta, delta, delta])),
  )
  for (const one of framesOf(...packets)) sender.send(one)
  const sent = fragments()
  expect(sent.map(({ decodeTime }) => decodeTime)).toEqual([0, 3000, 6000, 9500, 12_000, 18_000])
  sent
    .slice(1)
    .forEach(({ decodeTime }, i) => expect(decodeTime).toBe(sent[i]!.decodeTime + sent[i]!.duration))
})

test.each([
  ['a camera that was lost for a minute', 60 * 90_000, 90_000],
  ['a timestamp that goes back', -500, 90],
  ['a timestamp that is repeated', 0, 90],
])('%s does not tear the timeline', (_title, ticks, duration) => {
  const { sender, fragments } = viewer()
  const [first] = framesOf(...packetizer()(SPS, PPS, idr))
  sender.send(first!)
  sender.send({ ...first!, timestamp: ticks >>> 0 })
  expect(fragments()[1]).toMatchObject({ decodeTime: 3000, duration })
})

test('a slow network drops frames up to a keyframe, and requests it when the network has caught up', () => {
  const requestKeyframe = vi.fn()
  const { sender, network, fragments } = viewer(requestKeyframe)
  const frame = packetizer()
  const [key, second, third] = framesOf(...frame(SPS, PPS, idr), ...frame(delta), ...frame(delta))
  sender.send(key!)
  Object.assign(network, { unsentBytes: 10_000, lagMs: 900 })
  sender.send(second!)
  expect(fragments()).toHaveLength(2)
  network.lagMs = 1001
  sender.send(third!)
  network.lagMs = 500
  sender.send(third!)
  sender.send(key!)
  expect(fragments()).toHaveLength(2)
  expect(sender.isDropping).toBe(true)
  expect(requestKeyframe).not.toHaveBeenCalled()
  Object.assign(network, { unsentBytes: 0, lagMs: 0 })
  sender.send(third!)
  sender.send(third!)
  expect(requestKeyframe).toHaveBeenCalledOnce()
  network.nowMs = 2000
  sender.send(third!)
  expect(requestKeyframe).toHaveBeenCalledTimes(2)
  sender.send(key!)
  sender.send(second!)
  expect(fragments()).toHaveLength(4)
  expect(sender).toMatchObject({ isDropping: false, frames: 4, framesDropped: 6 })
})

test('a network that accepts nothing gets no more than the limit', () => {
  const { sender, network, sent } = viewer()
  const frame = packetizer()
  const big = slice(5, 60_000)
  const payloads = Array.from({ length: 200 }, () => frame(SPS, PPS, big)).flat()
  for (const one of framesOf(...payloads)) {
    sender.send(one)
    network.unsentBytes = sent.reduce((bytes, { length }) => bytes + length, 0)
  }
  expect(network.unsentBytes).toBeGreaterThan(4_000_000)
  expect(network.unsentBytes).toBeLessThan(4 * 1024 * 1024 + 2 * big.length)
})
