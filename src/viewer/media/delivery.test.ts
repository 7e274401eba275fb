import { expect, onTestFinished, test, vi } from 'vitest'
import { heldBack } from '../../../test/support/rtp.js'
import { RtpFanout } from '../../rtp/fanout.js'
import type { MediaPacket } from '../../rtp/packet.js'
import { Delivery, type SendPath } from './delivery.js'
import { OutgoingStream } from './outgoing-stream.js'

const payload = Buffer.alloc(1000)
const FPS = 30

/** A frame of one packet; every hundredth is a keyframe. */
const packet = (index: number): MediaPacket => ({
  index,
  timestamp: index * 3000,
  marker: true,
  startsKeyframe: index % 100 === 1,
  payload,
})

/** A camera whose last keyframe was `keyframeAgo` frames ago, and a newcomer. */
function late(keyframesOnDemand: boolean, keyframeAgo: number, path?: SendPath) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const fanout = new RtpFanout()
  let index = 0
  const play = (frames: number): void => {
    for (let i = 0; i < frames; i++) fanout.send(packet(++index))
    fanout.flush()
  }
  play(101 + keyframeAgo)
  const got: number[] = []
  const sink = new OutgoingStream(
    heldBack(({ timestamp }) => void got.push(timestamp / 3000)),
    { payloadType: 96, ssrc: 1 },
  )
  const requestKeyframe = vi.fn()
  let retransmitted = 0
  const feed = new Delivery(
    sink,
    {
      clock: { timestampAt: () => 0, captureMonotonicMs: () => 0 },
      fanout,
      keyframesOnDemand,
      requestKeyframe,
    },
    () => retransmitted,
    path,
  )
  onTestFinished(() => feed[Symbol.dispose]())
  /** Seconds of the camera and of the clock. */
  const seconds = (count: number): void => {
    for (let i = 0; i < count * FPS; i++) {
      play(1)
      vi.advanceTimersByTime(1000 / FPS)
    }
  }
  return {
    fanout,
    got,
    feed,
    requestKeyframe,
    play,
    seconds,
    sent: (bytes: number) => (retransmitted += bytes),
  }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

test('if the last keyframe is old and the encoder makes them on demand, one is requested', () => {
  const { got, feed, requestKeyframe, play } = late(true, 40)
  feed.join()
  expect(requestKeyframe).toHaveBeenCalledTimes(1)
  expect(got).toEqual([])
  play(65)
  expect(got).toEqual(range(201, 206))
})

test('a recent keyframe is sent at once, with the packets after it', () => {
  const { got, feed, requestKeyframe, play } = late(true, 25)
  feed.join()
  expect(requestKeyframe).not.toHaveBeenCalled()
  vi.advanceTimersByTime(10)
  expect(got).toEqual(range(101, 126))
  play(2)
  expect(got).toEqual(range(101, 128))
})

test('if it makes none on demand, the packets since the last keyframe are sent, paced and without a gap', () => {
  const { got, feed, requestKeyframe, play } = late(false, 99)
  feed.join()
  expect(requestKeyframe).not.toHaveBeenCalled()
  expect(got.length).toBeGreaterThan(10)
  expect(got.length).toBeLessThan(50)
  play(2)
  vi.advanceTimersByTime(50)
  play(3)
  expect(got.at(-1)).toBe(205)
  expect(got).toEqual([...range(101, got.findIndex((index) => index > 200) + 100), ...range(201, 205)])
})

test('a viewer that leaves while it catches up is removed completely', () => {
  const { fanout, got, feed } = late(false, 90)
  feed.join()
  const before = got.length
  feed[Symbol.dispose]()
  vi.advanceTimersByTime(100)
  expect(got.length).toBe(before)
  expect(fanout.viewers).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('a viewer with a slow path leaves the fan-out and is sent less', () => {
  const { fanout, got, feed, seconds } = late(true, 0)
  feed.join()
  seconds(1)
  feed.limit(100_000)
  const before = got.length
  expect(fanout.viewers).toBe(0)
  seconds(20)
  expect(got.length - before).toBeLessThan((20 * 100_000) / 8000)
  expect(got.length - before).toBeGreaterThan(100)
  expect(feed.framesDropped).toBeGreaterThan(200)
})

test('while it waits for a keyframe, one is requested at most every two seconds', () => {
  const { feed, requestKeyframe, seconds } = late(true, 0)
  feed.join()
  feed.limit(20_000)
  seconds(10)
  for (let i = 0; i < 20; i++) feed.requestKeyframe()
  expect(requestKeyframe.mock.calls.length).toBeGreaterThanOrEqual(3)
  expect(requestKeyframe.mock.calls.length).toBeLessThanOrEqual(6)
})

test('without a limit it returns to the fan-out after catching up, and misses no packet', () => {
  const { fanout, got, feed, seconds, play } = late(true, 0)
  feed.join()
  feed.limit(1_000_000)
  seconds(2)
  feed.limit(undefined)
  vi.advanceTimersByTime(10)
  expect(fanout.viewers).toBe(1)
  play(5)
  expect(got).toEqual(range(101, 166))
  expect(feed.framesDropped).toBe(0)
})

test('retransmissions count against the limit', () => {
  const { got, feed, seconds, sent } = late(true, 0)
  feed.join()
  feed.limit(1_000_000)
  seconds(1)
  const before = got.length
  sent(125_000)
  seconds(0.1)
  expect(got.length).toBe(before)
  seconds(0.5)
  expect(got.length).toBeGreaterThan(before)
})

/** A TCP path whose room is set by hand. */
function tcpPath() {
  const path = { transport: 'tcp' as SendPath['transport'], isFree: true, hasRoom: () => path.isFree }
  return path
}

test('over TCP packets come out of the history while the path has room, and none is lost', () => {
  const path = tcpPath()
  const { fanout, got, feed, seconds } = late(true, 5, path)
  feed.join()
  seconds(1)
  expect(fanout.viewers).toBe(0)
  path.isFree = false
  const before = got.length
  seconds(0.5)
  expect(got.length).toBe(before)
  path.isFree = true
  seconds(0.5)
  vi.advanceTimersByTime(5)
  expect(got).toEqual(range(101, 166))
  expect(feed.framesDropped).toBe(0)
})

test('over TCP frames that wait for a second are dropped, up to a keyframe, which is requested', () => {
  const path = tcpPath()
  const { got, feed, seconds, requestKeyframe } = late(true, 5, path)
  feed.join()
  seconds(0.5)
  path.isFree = false
  const last = got.at(-1)!
  expect(feed.isStalled).toBe(false)
  seconds(2)
  expect(feed.isStalled).toBe(true)
  path.isFree = true
  vi.advanceTimersByTime(5)
  expect(feed.isStalled).toBe(false)
  expect(got.at(-1)).toBe(last)
  expect(requestKeyframe).toHaveBeenCalledOnce()
  seconds(2)
  expect(got.slice(got.indexOf(last) + 1)).toEqual(range(201, got.at(-1)!))
  expect(feed.framesDropped).toBe(201 - last - 1)
})

test('over TCP a viewer waits for the keyframe that it requested, and has no rate limit', () => {
  const path = tcpPath()
  const { got, feed, seconds, requestKeyframe } = late(true, 40, path)
  feed.join()
  feed.limit(1000)
  expect(requestKeyframe).toHaveBeenCalledOnce()
  seconds(3)
  expect(got).toEqual(range(201, 231))
  expect(feed.framesDropped).toBe(0)
})

test('a viewer whose path changes from TCP to UDP joins the fan-out', () => {
  const path = tcpPath()
  const { fanout, got, feed, seconds, play } = late(true, 5, path)
  feed.join()
  seconds(0.5)
  path.transport = 'udp'
  vi.advanceTimersByTime(5)
  expect(fanout.viewers).toBe(1)
  play(3)
  expect(got).toEqual(range(101, 124))
})
