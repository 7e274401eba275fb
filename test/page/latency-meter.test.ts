/** The measurement of a delay, with a video and a server that are not there. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

interface Measured {
  ms: number
  about: boolean
  since: string
}
interface Meter {
  delay: Measured | null
  tick(everyFrame: boolean): void
  heard(exchange: object): void
  cameraRestarted(): void
  reset(): void
}
type OnFrame = (nowMs: number, metadata: { rtpTimestamp?: number; expectedDisplayTime: number }) => void

const { DelayMeter } = (await import(new URL('../../static/latency-meter.js', import.meta.url).href)) as {
  DelayMeter: new (video: object, connection: object) => Meter
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

/** The server's clock is ahead of the page's by this much, and the camera's timestamps begin at zero with the page. */
const AHEAD_MS = 1_000_000
const DELAY_MS = 85

function setUp({ callbacks = true, sources = [] as object[] } = {}) {
  let waiting: OnFrame | undefined
  const asked: number[] = []
  let since = 'capture'
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
    peer: { getReceivers: () => [{ getSynchronizationSources: () => sources }] },
    askTime: () => void asked.push(performance.now()),
  }
  const meter = new DelayMeter(video, connection)
  return {
    meter,
    asked,
    becomeAnExternalCamera: () => (since = 'arrival'),
    /** Presents a picture, if anybody asked for it. */
    present: (metadata: object = {}): boolean => {
      const [callback, nowMs] = [waiting, performance.now()]
      waiting = undefined
      callback?.(nowMs, {
        rtpTimestamp: (nowMs - DELAY_MS) * 90,
        expectedDisplayTime: nowMs,
        ...metadata,
      })
      return callback !== undefined
    },
    answer: () => {
      const nowMs = performance.now()
      meter.heard({
        sentMs: nowMs - 4,
        receivedMs: nowMs,
        serverMs: nowMs - 2 + AHEAD_MS,
        rtpTimestamp: (nowMs - 2) * 90,
        since,
      })
    },
  }
}

test('the time is asked four times in as many seconds, and then every four', () => {
  const { meter, asked } = setUp()
  for (let second = 1; second <= 15; second++) {
    vi.advanceTimersByTime(1001)
    meter.tick(false)
  }
  expect(asked.map((ms) => Math.floor(ms / 1000))).toEqual([1, 2, 3, 4, 8, 12])
})

test('the delay is that of the frames of the last second, as soon as the server has answered', () => {
  const { meter, present, answer } = setUp()
  vi.advanceTimersByTime(1000)
  meter.tick(true)
  present()
  meter.tick(true)
  expect(meter.delay).toBeNull()
  answer()
  meter.tick(true)
  expect(meter.delay).toEqual({ ms: expect.closeTo(DELAY_MS, 1) as number, about: false, since: 'capture' })
})

test.each([
  ['for the corner of a tile five frames a second are looked at', false, 5],
  ['for the statistics every frame is', true, 60],
])('%s', (_title, everyFrame, frames) => {
  const { meter, present } = setUp()
  meter.tick(everyFrame)
  expect(Array.from({ length: 60 }, () => present()).filter(Boolean)).toHaveLength(frames)
})

test('nothing is looked at any more when nobody asks for the delay', () => {
  const { meter, present } = setUp()
  meter.tick(true)
  expect(Array.from({ length: 1000 }, () => present()).filter(Boolean).length).toBeLessThan(300)
})

test('a camera that was started again has no delay until the server has told its new timestamps', () => {
  const { meter, present, answer, asked } = setUp()
  vi.advanceTimersByTime(1000)
  meter.tick(true)
  answer()
  present()
  meter.tick(true)
  expect(meter.delay).not.toBeNull()
  meter.cameraRestarted()
  const before = asked.length
  meter.tick(true)
  present()
  expect([meter.delay, asked.length]).toEqual([null, before + 1])
  answer()
  meter.tick(true)
  expect(meter.delay?.ms).toBeCloseTo(DELAY_MS, 1)
})

test.each([
  ['there are no frame callbacks', false],
  ['they know no timestamps', true],
])('where %s the delay is that of the frame the receiver took last, and about right', (_why, callbacks) => {
  vi.advanceTimersByTime(1000)
  const source = { timestamp: performance.timeOrigin + 990, rtpTimestamp: (990 - DELAY_MS) * 90 }
  const { meter, present, answer } = setUp({ callbacks, sources: [source] })
  answer()
  meter.tick(true)
  present({ rtpTimestamp: undefined })
  meter.tick(true)
  expect(meter.delay).toEqual({ ms: expect.closeTo(DELAY_MS, 1) as number, about: true, since: 'capture' })
})

test('a camera of which only the arrival of pictures is known is said to be one', () => {
  const { meter, present, answer, becomeAnExternalCamera } = setUp()
  becomeAnExternalCamera()
  answer()
  meter.tick(true)
  present()
  meter.tick(true)
  expect(meter.delay?.since).toBe('arrival')
})

test('another session begins with nothing', () => {
  const { meter, present, answer } = setUp()
  answer()
  meter.tick(true)
  present()
  meter.tick(true)
  meter.reset()
  expect([meter.delay, present()]).toEqual([null, false])
})
