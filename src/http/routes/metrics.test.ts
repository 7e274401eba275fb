import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { writeMetrics } from './metrics.js'
import type { CameraMetrics } from './metrics-facts.js'

const camera: CameraMetrics = {
  state: 'live',
  restarts: 3,
  restartsByCause: { crashed: 2, frozen: 1 },
  packets: 1000,
  frames: 300,
  pushes: [],
  publication: undefined,
  audio: undefined,
  warnings: ['rare-keyframes'],
  captureDelayMs: 25,
  keyframes: 20,
  keyframeRequests: 5,
  keyframeAnswers: 4,
  keyframeAnswerSumMs: 250,
  viewers: 3,
  viewersCongested: 1,
  viewersLow: 1,
  viewersTcp: 2,
  viewersHttp: 1,
  viewersRtsp: 1,
  sentPackets: 2500,
  sentBytes: 2_500_000,
  nackedPackets: 12,
  retransmittedPackets: 10,
  viewerKeyframeRequests: 7,
  framesDropped: 90,
  lowestAvailableBitrateBps: 480_000,
  highestRoundTripMs: 42,
}
const process = {
  residentBytes: 70_000_000,
  heapUsedBytes: 20_000_000,
  cpuSeconds: 12.5,
  openFileDescriptors: 31,
  eventLoopLag: { medianMs: 0.5, p99Ms: 4, maxMs: 250 },
}
const implementations = {
  srtp: 'simd',
  aes: { by: 'simd', profile: 'aes-cm' },
  udpSend: 'documented',
} as const
const stun = { requests: 3, responses: 2, forged: 1 }
const facts = {
  version: '1.2.3',
  uptimeS: 60,
  connectFailures: {},
  process,
  implementations,
  stun,
  unfinishedBytes: 1234,
}
const written = (cameras: Record<string, CameraMetrics>) => writeMetrics({ ...facts, cameras })

test('a camera with sound has its state, one without has no such lines', () => {
  const text = written({
    camera1: { ...camera, audio: { state: 'lost', restarts: 2, packets: 500 } },
    camera2: camera,
  })
  for (const line of [
    'rpi_webrtc_camera_audio_state{camera="camera1",state="lost"} 1',
    'rpi_webrtc_camera_audio_state{camera="camera1",state="live"} 0',
    'rpi_webrtc_camera_audio_restarts_total{camera="camera1"} 2',
    'rpi_webrtc_camera_audio_packets_total{camera="camera1"} 500',
  ])
    expect(text.split('\n')).toContain(line)
  expect(text).not.toMatch(/audio\w*\{camera="camera2"/)
})

test('every number of every camera is a line, and times are in seconds', () => {
  const text = written({ camera1: camera, camera2: { ...camera, packets: 7, state: 'lost' } })
  for (const line of [
    'rpi_webrtc_build_info{version="1.2.3"} 1',
    'rpi_webrtc_srtp_info{implementation="simd"} 1',
    'rpi_webrtc_srtp_aes_info{implementation="simd",profile="aes-cm"} 1',
    'rpi_webrtc_udp_send_info{implementation="documented"} 1',
    'rpi_webrtc_uptime_seconds 60',
    'process_resident_memory_bytes 70000000',
    'process_cpu_seconds_total 12.5',
    'process_open_fds 31',
    'rpi_webrtc_unfinished_message_bytes 1234',
    'rpi_webrtc_event_loop_lag_seconds{quantile="0.99"} 0.004',
    'rpi_webrtc_camera_frames_total{camera="camera1"} 300',
    'rpi_webrtc_camera_capture_delay_seconds{camera="camera1"} 0.025',
    'rpi_webrtc_camera_restarts_total{camera="camera1"} 3',
    'rpi_webrtc_camera_restarts_by_cause_total{camera="camera1",cause="crashed"} 2',
    'rpi_webrtc_camera_warning{camera="camera1",cause="rare-keyframes"} 1',
    'rpi_webrtc_camera_packets_total{camera="camera1"} 1000',
    'rpi_webrtc_camera_packets_total{camera="camera2"} 7',
    'rpi_webrtc_camera_state{camera="camera1",state="live"} 1',
    'rpi_webrtc_camera_state{camera="camera2",state="live"} 0',
    'rpi_webrtc_camera_state{camera="camera2",state="lost"} 1',
    'rpi_webrtc_camera_viewers_congested{camera="camera1"} 1',
    'rpi_webrtc_camera_viewers_low{camera="camera1"} 1',
    'rpi_webrtc_camera_viewers_tcp{camera="camera1"} 2',
    'rpi_webrtc_camera_viewers_http{camera="camera1"} 1',
    'rpi_webrtc_viewer_frames_dropped_total{camera="camera1"} 90',
    'rpi_webrtc_viewer_available_bitrate_lowest_bits_per_second{camera="camera1"} 480000',
    'rpi_webrtc_viewer_round_trip_highest_seconds{camera="camera1"} 0.042',
    'rpi_webrtc_camera_keyframe_answer_seconds_sum{camera="camera1"} 0.25',
    'rpi_webrtc_camera_keyframe_answer_seconds_count{camera="camera1"} 4',
  ])
    expect(text).toContain(`\n${line}\n`)
})

test('every line follows the exposition format, below the heading of its family', () => {
  let family = ''
  const lines = written({ camera1: camera, camera2: camera }).trimEnd().split('\n')
  for (const line of lines) {
    const heading = /^# (?:HELP (\w+) \S.*|TYPE (\w+) (?:counter|gauge|summary))$/.exec(line)
    if (heading !== null) family = heading[1] ?? family
    else expect(line).toMatch(new RegExp(`^${family}(?:_sum|_count)?(?:\\{(?:\\w+="[^"]*",?)+\\})? \\S+$`))
  }
  expect(lines.filter((line) => line.startsWith('# TYPE')).length).toBe(
    lines.filter((line) => line.startsWith('# HELP')).length,
  )
  expect(lines.filter((line) => !line.startsWith('#')).length).toBeGreaterThan(30)
})

test('unknown values are omitted, with the heading of their family', () => {
  const unknown = {
    lowestAvailableBitrateBps: undefined,
    highestRoundTripMs: undefined,
    captureDelayMs: undefined,
  }
  const text = writeMetrics({
    ...facts,
    process: undefined,
    cameras: { camera1: { ...camera, ...unknown } },
  })
  expect(text).not.toMatch(/undefined|NaN|resident|event_loop|estimate|available|round_trip|capture_delay/)
})

test('special characters in a label are escaped', () =>
  expect(writeMetrics({ ...facts, version: 'a"b\\c\nd', cameras: {} })).toContain(
    '{version="a\\"b\\\\c\\nd"} 1\n',
  ))

test.each([
  ['rpi_webrtc_info{version="1.2.3"} 1', 'rpi_webrtc_build_info'],
  ['rpi_webrtc_resident_memory_bytes 70000000', 'process_resident_memory_bytes'],
  ['rpi_webrtc_cpu_seconds_total 12.5', 'process_cpu_seconds_total'],
  ['rpi_webrtc_open_file_descriptors 31', 'process_open_fds'],
  ['rpi_webrtc_viewer_frames_left_out_total{camera="camera1"} 90', 'rpi_webrtc_viewer_frames_dropped_total'],
  [
    'rpi_webrtc_viewer_estimate_lowest_bits_per_second{camera="camera1"} 480000',
    'rpi_webrtc_viewer_available_bitrate_lowest_bits_per_second',
  ],
])('the former name is still written: %s', (line, newName) => {
  const text = written({ camera1: camera })
  const [name] = line.split(/[ {]/, 1) as [string]
  expect(text).toContain(`\n${line}\n`)
  expect(text).toContain(`# HELP ${name} deprecated: use ${newName}\n`)
  expect(text).toContain(`# HELP ${newName} `)
})

test('the Grafana dashboard uses only metrics that exist and are not deprecated', () => {
  const text = written({ camera1: camera })
  const dashboard = readFileSync('systemd/grafana-dashboard.json', 'utf8')
  const used = dashboard.matchAll(/(?:rpi_webrtc|process)_\w+/g)
  const names = [...new Set(Array.from(used, ([name]) => name))]
  expect(names.length).toBeGreaterThan(15)
  expect(names.filter((name) => !new RegExp(`^${name}[{ ]`, 'm').test(text))).toEqual([])
  expect(names.filter((name) => text.includes(`# HELP ${name} deprecated`))).toEqual([])
})
