/** What the statistics of a tile say. */

import { expect, test } from 'vitest'

const load = async <T>(file: string) =>
  (await import(new URL(`../../static/${file}`, import.meta.url).href)) as T

const { codec, inShort, statistics } = await load<{
  codec: (mimeType?: string, parameters?: string) => string
  inShort: (figures: object | null, measured: object | null) => string
  statistics: (figures: object | null, measured: object | null, link: object | null) => Record<string, string>
}>('format.js')
const { between, pickVideoStats } = await load<{
  between: (before: object | null, after: object | null) => Record<string, number | null>
  pickVideoStats: (reports: Map<string, object>) => Record<string, unknown> | null
}>('webrtc-stats.js')

/** What Chromium counts, with the parts that matter here. */
const reports = (inbound: object): Map<string, object> =>
  new Map<string, object>([
    [
      'c',
      { type: 'codec', mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=1;profile-level-id=42e01f' },
    ],
    ['p', { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.012 }],
    ['q', { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 9 }],
    ['t', { type: 'transport', selectedCandidatePairId: 'p' }],
    ['i', { type: 'inbound-rtp', kind: 'video', codecId: 'c', transportId: 't', ...inbound }],
  ])

const first = {
  timestamp: 1000,
  framesDecoded: 30,
  frameWidth: 1280,
  frameHeight: 720,
  bytesReceived: 1_000_000,
  packetsReceived: 1000,
  packetsLost: 0,
  retransmittedPacketsReceived: 0,
  totalDecodeTime: 0.1,
  jitterBufferDelay: 1,
  jitterBufferEmittedCount: 30,
  freezeCount: 0,
  totalFreezesDuration: 0,
}
const second = {
  ...first,
  timestamp: 2000,
  framesDecoded: 60,
  bytesReceived: 1_250_000,
  packetsReceived: 1988,
  packetsLost: 12,
  retransmittedPacketsReceived: 11,
  totalDecodeTime: 0.163,
  jitterBufferDelay: 1.54,
  jitterBufferEmittedCount: 60,
  freezeCount: 2,
  totalFreezesDuration: 0.6,
}

test('the statistics are those of the last second where they are rates, of the session where they are counts', () => {
  const [before, after] = [pickVideoStats(reports(first)), pickVideoStats(reports(second))]
  const figures = { ...after, ...between(before, after) }
  expect(
    statistics(figures, { ms: 84.6, about: false, since: 'capture' }, { estimateBps: 5_400_000 }),
  ).toEqual({
    delay: '85 ms',
    fps: '30 fps',
    size: '1280×720',
    bitrate: '2.0 Mbit/s',
    bandwidth: '5.4 Mbit/s',
    lost: '12 (0.6 %)',
    again: '11',
    freezes: '2 (0.6 s)',
    trip: '12 ms',
    buffer: '18 ms',
    decode: '2.1 ms',
    codec: 'H.264 Constrained Baseline 3.1',
  })
})

test('what a browser does not count is a dash in its place', () => {
  const bare = pickVideoStats(new Map([['i', { type: 'inbound-rtp', kind: 'video', timestamp: 1 }]]))
  const figures = { ...bare, ...between(null, bare) }
  const rows = Object.values(statistics(figures, null, null))
  expect(rows).toEqual(Array.from({ length: 12 }, () => '–'))
  expect(Object.values(statistics(null, null, null))).toEqual(rows)
  expect(pickVideoStats(new Map())).toBeNull()
})

test.each([
  [{ lost: 0 }, 'none'],
  [{ lost: 3 }, '–'],
  [{ lost: 3, sentAgain: 0 }, 'none'],
  [{ lost: 3, sentAgain: 2 }, '2'],
])('of %j packets was sent again: %s', (figures, text) =>
  expect(statistics(figures, null, null)['again']).toBe(text),
)

test('the line in the corner names the delay once it is known, and says how well', () => {
  const figures = { width: 640, height: 480, fps: 29.6 }
  expect(inShort(figures, null)).toBe('640×480 · 30 fps')
  expect(inShort(figures, { ms: 85, about: false, since: 'capture' })).toBe('640×480 · 30 fps · 85 ms')
  expect(inShort(figures, { ms: 85, about: true, since: 'capture' })).toBe('640×480 · 30 fps · about 85 ms')
  expect(inShort(figures, { ms: 85, about: true, since: 'arrival' })).toBe(
    '640×480 · 30 fps · more than 85 ms',
  )
  expect(inShort({ ...figures, fps: null }, null)).toBe('640×480')
  expect(inShort(null, null)).toBe('')
})

test.each([
  ['video/VP8', undefined, 'VP8'],
  ['video/H264', 'level-asymmetry-allowed=1;profile-level-id=42001f', 'H.264 Baseline 3.1'],
  ['video/H264', 'profile-level-id=42e028', 'H.264 Constrained Baseline 4.0'],
  ['video/H264', 'profile-level-id=4d001f', 'H.264 Main 3.1'],
  ['video/H264', 'profile-level-id=640C1F', 'H.264 Constrained High 3.1'],
  ['video/H264', 'profile-level-id=640034', 'H.264 High 5.2'],
  ['video/H264', '', 'H.264'],
  [undefined, undefined, '–'],
])('the codec %s with %s is called "%s"', (mimeType, parameters, name) =>
  expect(codec(mimeType, parameters)).toBe(name),
)
