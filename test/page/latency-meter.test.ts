import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LatencyMeter } from '../../static/latency-meter.js'

type OnFrame = (nowMs: number, metadata: { rtpTimestamp?: number; expectedDisplayTime: number }) => void

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

/** The server's clock is this far ahead; the camera's timestamps start at zero with the page. */
const AHEAD_MS = 1_000_000
const LATENCY_MS = 85

function setUp({ callbacks = true, sources = [] as RTCRtpSynchronizationSource[] } = {}) {
  let waiting: OnFrame | undefined
  const requests: number[] = []
  let since: 'capture' | 'arrival' = 'capture'
  const video = callbacks
    ? {
        requestVideoFrameCallback: (callback: OnFrame) => {
          waiting = callback
          return 1
        },
        cancelVideoFrameCallback: () => (waiting = undefined),
      }
    : {}
  const connection = {
    peer: { getReceivers: () => [{ getSynchronizationSources: () => sources } as RTCRtpReceiver] },
    requestTime: () => void requests.push(performance.now()),
  }
  const meter = new LatencyMeter(video, connection)
  return {
    meter,
    requests,
    becomeAnExternalCamera: () => (since = 'arrival'),
    /** Presents a frame. @returns whether the meter requested it */
    present: (metadata: object = {}): boolean => {
      const [callback, nowMs] = [waiting, performance.now()]
      waiting = undefined
      callback?.(nowMs, {
        rtpTimestamp: (nowMs - LATENCY_MS) * 90,
        expectedDisplayTime: nowMs,
        ...metadata,
      })
      return callback !== undefined
    },
    /** Four exchanges, before which the offset of the clocks is uncertain. */
    answer: (roundTripMs = 4) => {
      const nowMs = performance.now()
      const exchange = {
        sentMs: nowMs - roundTripMs,
        receivedMs: nowMs,
        serverMs: nowMs - roundTripMs / 2 + AHEAD_MS,
        rtpTimestamp: (nowMs - roundTripMs / 2) * 90,
        since,
      }
      for (let i = 0; i < 4; i++) meter.addExchange(exchange)
    },
  }
}

test('the time is requested every second at first, then every four seconds', () => {
  const { meter, requests } = setUp()
  for (let second = 1; second <= 15; second++) {
    vi.advanceTimersByTime(1001)
    meter.tick(false)
  }
  expect(requests.map((ms) => Math.floor(ms / 1000))).toEqual([1, 2, 3, 4, 8, 12])
})

test('the latency is that of the frames of the last second once the server has answered', () => {
  const { meter, present, answer } = setUp()
  vi.advanceTimersByTime(1000)
  meter.tick(true)
  present()
  meter.tick(true)
  expect(meter.latency).toBeNull()
  answer()
  meter.tick(true)
  expect(meter.latency).toEqual({
    ms: expect.closeTo(LATENCY_MS, 1) as number,
    approximate: false,
    since: 'capture',
  })
})

test.each([
  ['the line in the corner samples five frames per second', false, 5],
  ['the statistics sample every frame', true, 60],
])('%s', (_title, everyFrame, frames) => {
  const { meter, present } = setUp()
  meter.tick(everyFrame)
  expect(Array.from({ length: 60 }, () => present()).filter(Boolean)).toHaveLength(frames)
})

test('without further ticks the sampling stops', () => {
  const { meter, present } = setUp()
  meter.tick(true)
  expect(Array.from({ length: 1000 }, () => present()).filter(Boolean).length).toBeLessThan(300)
})

test('over a path with a long round trip the latency is unknown, and so is one below zero', () => {
  for (const [roundTripMs, latencyMs] of [
    [60, LATENCY_MS],
    [4, -5],
  ] as const) {
    const { meter, present, answer } = setUp()
    vi.advanceTimersByTime(1000)
    meter.tick(true)
    answer(roundTripMs)
    present({ rtpTimestamp: (performance.now() - latencyMs) * 90 })
    meter.tick(true)
    expect(meter.latency).toBeNull()
  }
})

test('a restarted camera has no latency until the server has sent a new timestamp', () => {
  const { meter, present, answer, requests } = setUp()
  vi.advanceTimersByTime(1000)
  meter.tick(true)
  answer()
  present()
  meter.tick(true)
  expect(meter.latency).not.toBeNull()
  meter.cameraRestarted()
  const before = requests.length
  meter.tick(true)
  present()
  expect([meter.latency, requests.length]).toEqual([null, before + 1])
  answer()
  meter.tick(true)
  expect(meter.latency?.ms).toBeCloseTo(LATENCY_MS, 1)
})

test.each([
  ['there are no frame callbacks', false],
  ['they lack timestamps', true],
])('where %s the latency is that of the last received frame, and approximate', (_why, callbacks) => {
  vi.advanceTimersByTime(1000)
  const source = { source: 1, timestamp: performance.timeOrigin + 990, rtpTimestamp: (990 - LATENCY_MS) * 90 }
  const { meter, present, answer } = setUp({ callbacks, sources: [source] })
  answer()
  meter.tick(true)
  present({ rtpTimestamp: undefined })
  meter.tick(true)
  expect(meter.latency).toEqual({
    ms: expect.closeTo(LATENCY_MS, 1) as number,
    approximate: true,
    since: 'capture',
  })
})

test('a latency since arrival is marked as such', () => {
  const { meter, present, answer, becomeAnExternalCamera } = setUp()
  becomeAnExternalCamera()
  answer()
  meter.tick(true)
  present()
  meter.tick(true)
  expect(meter.latency?.since).toBe('arrival')
})

test('a new session starts without measurements', () => {
  const { meter, present, answer } = setUp()
  answer()
  meter.tick(true)
  present()
  meter.tick(true)
  meter.reset()
  expect([meter.latency, present()]).toEqual([null, false])
})
