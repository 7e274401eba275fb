import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { heldBack } from '../../../test/support/rtp.js'
import { RtpFanout } from '../../rtp/fanout.js'
import type { MediaPacket } from '../../rtp/packet.js'
import { Delivery, type SendPath } from './delivery.js'
import { OutgoingStream } from './outgoing-stream.js'
import type { CameraStream } from './source.js'

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

/** A viewer of a camera with two sizes; the small one has half of the frames, and no keyframe unless one is asked for. */
function twoSizes(path?: SendPath) {
  const large = late(true, 0, path)
  const fanout = new RtpFanout()
  let isAsked = false
  let index = 1000
  const requestKeyframe = vi.fn(() => {
    isAsked = true
  })
  const watching = { count: 0 }
  const low: CameraStream = {
    clock: { timestampAt: () => 0, captureMonotonicMs: () => 0 },
    fanout,
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
  let frame = 101
  /** Frames of the camera, with the same timestamps in both sizes. */
  const frames = (count: number): void => {
    for (let i = 0; i < count; i++) {
      large.play(1)
      frame++
      if (frame % 2 === 0) {
        fanout.send({ ...packet(++index), timestamp: frame * 3000, startsKeyframe: isAsked, payload: small })
        isAsked = false
        fanout.flush()
      }
      vi.advanceTimersByTime(1000 / FPS)
    }
  }
  return { ...large, low, lowFanout: fanout, requestKeyframe, watching, frames }
}
const small = Buffer.alloc(200)
const isRising = (numbers: number[]): boolean => numbers.every((n, i) => i === 0 || n > numbers[i - 1]!)

describe('a viewer goes over to the small size', () => {
  test('at its next keyframe, which is requested, and is sent nothing twice', () => {
    const { feed, got, frames, low, requestKeyframe, watching, lowFanout, fanout } = twoSizes()
    feed.join()
    frames(10)
    feed.switchTo(low)
    feed.switchTo(low)
    expect(requestKeyframe).toHaveBeenCalledTimes(1)
    const before = got.length
    frames(20)
    expect(isRising(got)).toBe(true)
    expect(got.length - before).toBeGreaterThan(9)
    const after = got.slice(-8)
    expect(after.every((frame, i) => i === 0 || Math.round(frame - after[i - 1]!) === 2)).toBe(true)
    expect(feed.stream).toBe(low)
    expect([fanout.viewers, lowFanout.viewers, watching.count]).toEqual([0, 1, 1])
  })

  test('and back, and releases what it used', () => {
    const { feed, got, frames, low, watching, lowFanout, fanout } = twoSizes()
    feed.join()
    const high = feed.stream
    frames(4)
    feed.switchTo(low)
    frames(10)
    feed.switchTo(high)
    frames(100) // the large size has a keyframe every hundred frames
    expect(isRising(got)).toBe(true)
    expect(feed.stream).toBe(high)
    expect([fanout.viewers, lowFanout.viewers, watching.count]).toEqual([1, 0, 0])
    feed[Symbol.dispose]()
    expect(fanout.viewers).toBe(0)
  })

  test('not at all if it changes its mind before the keyframe', () => {
    const { feed, frames, low, watching, lowFanout, got } = twoSizes()
    feed.join()
    frames(1)
    const high = feed.stream
    feed.switchTo(low)
    feed.switchTo(high)
    frames(10)
    expect(feed.stream).toBe(high)
    expect([lowFanout.viewers, watching.count]).toEqual([0, 0])
    expect(isRising(got)).toBe(true)
  })

  test('while it is limited, and keeps the limit', () => {
    const { feed, got, frames, low, fanout, lowFanout } = twoSizes()
    feed.join()
    frames(5)
    feed.limit(100_000)
    feed.switchTo(low)
    frames(60)
    expect(isRising(got)).toBe(true)
    expect(feed.stream).toBe(low)
    expect([fanout.viewers, lowFanout.viewers]).toEqual([0, 0]) // paced out of the history
    const before = got.length
    frames(30)
    expect(got.length - before).toBeGreaterThanOrEqual(14)
    feed.limit(undefined)
    frames(10)
    expect(lowFanout.viewers).toBe(1)
  })

  test('over TCP', () => {
    const { feed, got, frames, low } = twoSizes({ transport: 'tcp', hasRoom: () => true })
    feed.join()
    frames(5)
    feed.switchTo(low)
    frames(30)
    expect(feed.stream).toBe(low)
    expect(isRising(got)).toBe(true)
  })

  test('asks again while no keyframe comes, and stops when the viewer leaves', () => {
    const { feed, low, requestKeyframe, lowFanout, watching } = twoSizes()
    feed.join()
    feed.switchTo(low)
    vi.advanceTimersByTime(3500)
    expect(requestKeyframe).toHaveBeenCalledTimes(4)
    feed[Symbol.dispose]()
    expect([vi.getTimerCount(), lowFanout.viewers, watching.count]).toEqual([0, 0, 0])
  })

  test('the bytes of the camera go on from those of the other size', () => {
    const { feed, frames, low } = twoSizes()
    feed.join()
    frames(10)
    const high = feed.cameraOctets
    feed.switchTo(low)
    frames(20)
    const low10 = feed.cameraOctets - high
    expect(low10).toBeGreaterThan(0)
    expect(low10).toBeLessThan(20 * 1000)
  })
})
