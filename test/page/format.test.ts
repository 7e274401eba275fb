import { expect, test } from 'vitest'
import { codec, fieldOfView, path, statsLine, statsRows } from '../../static/format.js'
import { pickVideoStats, rates } from '../../static/webrtc-stats.js'
import { english } from './word-tables.js'

/** A report of Chromium, reduced to what matters here. */
const reports = (inbound: object): Map<string, object> =>
  new Map<string, object>([
    [
      'c',
      { type: 'codec', mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=1;profile-level-id=42e01f' },
    ],
    [
      'p',
      {
        type: 'candidate-pair',
        nominated: true,
        state: 'succeeded',
        currentRoundTripTime: 0.012,
        localCandidateId: 'l',
        remoteCandidateId: 'r',
      },
    ],
    ['l', { type: 'local-candidate', candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' }],
    ['r', { type: 'remote-candidate', candidateType: 'host', protocol: 'udp' }],
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

test('rates are of the last second, counters of the whole session', () => {
  const [before, after] = [pickVideoStats(reports(first))!, pickVideoStats(reports(second))!]
  const figures = { ...after, ...rates(before, after) }
  expect(
    statsRows(
      figures,
      { ms: 84.6, approximate: false, since: 'capture' },
      { availableBitrateBps: 5_400_000 },
      { fieldOfView: { step: 'sensor-config', widthPercent: 75, heightPercent: 100 } },
      english,
    ),
  ).toEqual({
    latency: '80 ms',
    fps: '30 fps',
    resolution: '1280×720',
    bitrate: '2.0 Mbit/s',
    bandwidth: '5.4 Mbit/s',
    lost: '12 (0.6 %)',
    retransmitted: '11',
    freezes: '2 (0.6 s)',
    path: 'relayed over TLS',
    roundTrip: '12 ms',
    jitterBuffer: '18 ms',
    decodeTime: '2.1 ms',
    codec: 'H.264 Constrained Baseline 3.1',
    fieldOfView: '75 % of the width, 100 % of the height (sensor-config)',
  })
})

test.each([
  [{ local: 'host', remote: 'host', protocol: 'udp' }, 'direct'],
  [{ local: 'host', remote: 'host', protocol: 'tcp' }, 'direct over TCP'],
  [{ local: 'prflx', remote: 'host', protocol: 'udp' }, 'through the router'],
  [{ local: 'host', remote: 'srflx', protocol: 'udp' }, 'through the router'],
  [{ local: 'prflx', remote: 'host', protocol: 'tcp' }, 'through the router over TCP'],
  [{ local: 'relay', remote: 'host', protocol: 'udp', relayProtocol: 'udp' }, 'relayed'],
  [{ local: 'relay', remote: 'srflx', protocol: 'udp', relayProtocol: 'tls' }, 'relayed over TLS'],
  [{ local: 'relay', remote: 'host', protocol: 'udp' }, 'relayed'],
  [{ local: undefined, remote: undefined, protocol: 'udp' }, '–'],
  [undefined, '–'],
])('the path %j is called "%s"', (used, text) => expect(path(used, english)).toBe(text))

test('a dash replaces what the browser does not count', () => {
  const bare = pickVideoStats(new Map([['i', { type: 'inbound-rtp', kind: 'video', timestamp: 1 }]]))!
  const figures = { ...bare, ...rates(null, bare) }
  const rows = Object.values(statsRows(figures, null, null, null, english))
  expect(rows).toEqual(Array.from({ length: 14 }, () => '–'))
  expect(Object.values(statsRows(null, null, null, null, english))).toEqual(rows)
  expect(pickVideoStats(new Map())).toBeNull()
})

test.each([
  [{ lost: 0 }, 'none'],
  [{ lost: 3 }, '–'],
  [{ lost: 3, retransmitted: 0 }, 'none'],
  [{ lost: 3, retransmitted: 2 }, '2'],
])('of %j the retransmissions are shown as %s', (figures, text) =>
  expect(statsRows(figures, null, null, null, english)['retransmitted']).toBe(text),
)

test.each([
  [{ step: 'sensor-config', widthPercent: 100, heightPercent: 100 }, 'all of the scene (sensor-config)'],
  [{ step: 'plain', widthPercent: 39, heightPercent: 39 }, '39 % of the width, 39 % of the height (plain)'],
  [{ step: 'plain' }, '–'],
  [undefined, '–'],
])('the field of view %j is shown as "%s"', (view, text) => expect(fieldOfView(view, english)).toBe(text))

test('the line in the corner shows the latency once it is known, with its accuracy', () => {
  const figures = { width: 640, height: 480, fps: 29.6 }
  expect(statsLine(figures, null, english)).toBe('640×480 · 30 fps')
  expect(statsLine(figures, { ms: 85, approximate: false, since: 'capture' }, english)).toBe(
    '640×480 · 30 fps · 90 ms',
  )
  expect(statsLine(figures, { ms: 85, approximate: true, since: 'capture' }, english)).toBe(
    '640×480 · 30 fps · about 90 ms',
  )
  expect(statsLine(figures, { ms: 85, approximate: true, since: 'arrival' }, english)).toBe(
    '640×480 · 30 fps · more than 90 ms',
  )
  expect(statsLine(figures, { ms: 4, approximate: false, since: 'capture' }, english)).toBe(
    '640×480 · 30 fps · under 10 ms',
  )
  expect(statsLine({ ...figures, fps: null }, null, english)).toBe('640×480')
  expect(statsLine(null, null, english)).toBe('')
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
])('the codec %s with %s is shown as "%s"', (mimeType, parameters, name) =>
  expect(codec(mimeType, parameters)).toBe(name),
)
