import { Hono } from 'hono'
import { needs } from '../auth/permission.js'

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
const PREFIX = 'rpi_webrtc'
const states = ['starting', 'live', 'lost', 'idle'] as const

/** What is counted of a camera and its viewers since the program started; the figures of viewers are sums over all of them. */
export interface CameraMetrics {
  state: (typeof states)[number]
  restarts: number
  /** By their cause, only those that happened. */
  restartsByCause: Readonly<Record<string, number>>
  packets: number
  frames: number
  /** From capture to here, of the last picture; undefined where the camera does not tell. */
  captureDelayMs: number | undefined
  keyframes: number
  keyframeRequests: number
  /** Keyframes that came after a request, and the time from request to keyframe, summed up. */
  keyframeAnswers: number
  keyframeAnswerSumMs: number
  /** Viewers that hold a slot, and of those that are live, how many cannot take the stream. */
  viewers: number
  viewersCongested: number
  sentPackets: number
  sentBytes: number
  nackedPackets: number
  retransmittedPackets: number
  /** PLI and FIR of viewers. */
  viewerKeyframeRequests: number
  framesLeftOut: number
  /** Of the live viewers' paths; undefined where none is known. */
  lowestEstimateBps: number | undefined
  highestRoundTripMs: number | undefined
}

/** Of the Node.js process; what cannot be asked is undefined. */
export interface ProcessMetrics {
  residentBytes: number | undefined
  heapUsedBytes: number
  cpuSeconds: number
  openFileDescriptors: number | undefined
  /** By how much its event loop was late, of the last minute or two. */
  eventLoopLag: { medianMs: number; p99Ms: number; maxMs: number }
}

/** Which of two implementations protects and sends packets: the fast one, or its fallback. */
export interface Implementations {
  srtp: 'simd' | 'openssl'
  udpSend: 'direct' | 'documented'
}

export interface MetricsFacts {
  version: string
  uptimeS: number
  process: ProcessMetrics | undefined
  implementations: Implementations
  /** Bytes of messages and bodies that are not complete, on all ports together. */
  unfinishedBytes: number
  cameras: Record<string, CameraMetrics>
}

type Samples = [labels: Record<string, string>, value: number | undefined][]

interface Family {
  name: string
  type: 'counter' | 'gauge'
  help: string
  of: (camera: CameraMetrics) => number | undefined
}

const perCamera: Family[] = [
  {
    name: 'camera_packets_total',
    type: 'counter',
    help: 'RTP packets that came from the camera.',
    of: (camera) => camera.packets,
  },
  {
    name: 'camera_frames_total',
    type: 'counter',
    help: 'Frames that came from the camera.',
    of: (camera) => camera.frames,
  },
  {
    name: 'camera_capture_delay_seconds',
    type: 'gauge',
    help: 'From the capture of a frame until it came from the camera, encoded; of the last one.',
    of: (camera) => inSeconds(camera.captureDelayMs),
  },
  {
    name: 'camera_keyframes_total',
    type: 'counter',
    help: 'Keyframes that came from the camera.',
    of: (camera) => camera.keyframes,
  },
  {
    name: 'camera_keyframe_requests_total',
    type: 'counter',
    help: 'Keyframes that its encoder was asked for.',
    of: (camera) => camera.keyframeRequests,
  },
  {
    name: 'camera_restarts_total',
    type: 'counter',
    help: 'Times that the capture process was started again.',
    of: (camera) => camera.restarts,
  },
  {
    name: 'camera_viewers',
    type: 'gauge',
    help: 'Viewers that hold a slot.',
    of: (camera) => camera.viewers,
  },
  {
    name: 'camera_viewers_congested',
    type: 'gauge',
    help: 'Viewers whose path cannot take the stream: frames are left out for them.',
    of: (camera) => camera.viewersCongested,
  },
  {
    name: 'viewer_sent_packets_total',
    type: 'counter',
    help: 'RTP packets sent to viewers, without retransmissions.',
    of: (camera) => camera.sentPackets,
  },
  {
    name: 'viewer_sent_bytes_total',
    type: 'counter',
    help: 'Bytes of payload in those packets.',
    of: (camera) => camera.sentBytes,
  },
  {
    name: 'viewer_nacked_packets_total',
    type: 'counter',
    help: 'Packets that viewers named as lost (NACK), however often.',
    of: (camera) => camera.nackedPackets,
  },
  {
    name: 'viewer_retransmitted_packets_total',
    type: 'counter',
    help: 'Packets that were sent to viewers again.',
    of: (camera) => camera.retransmittedPackets,
  },
  {
    name: 'viewer_keyframe_requests_total',
    type: 'counter',
    help: 'Keyframe requests of viewers (PLI and FIR).',
    of: (camera) => camera.viewerKeyframeRequests,
  },
  {
    name: 'viewer_frames_left_out_total',
    type: 'counter',
    help: 'Frames that were left out for viewers whose path could not take them.',
    of: (camera) => camera.framesLeftOut,
  },
  {
    name: 'viewer_estimate_lowest_bits_per_second',
    type: 'gauge',
    help: 'What the slowest path to a viewer carries.',
    of: (camera) => camera.lowestEstimateBps,
  },
  {
    name: 'viewer_round_trip_highest_seconds',
    type: 'gauge',
    help: 'The longest round trip to a viewer.',
    of: (camera) => inSeconds(camera.highestRoundTripMs),
  },
]

/** `GET /metrics` in the Prometheus text exposition format. */
export function metricsRoutes(facts: () => MetricsFacts): Hono {
  const routes = new Hono()
  routes.get('/metrics', needs('watch'), (c) =>
    c.body(writeMetrics(facts()), 200, { 'content-type': CONTENT_TYPE, 'cache-control': 'no-store' }),
  )
  return routes
}

export function writeMetrics(facts: MetricsFacts): string {
  const { version, uptimeS, process, implementations, unfinishedBytes, cameras } = facts
  const all = Object.entries(cameras)
  const answerTime = 'camera_keyframe_answer_seconds'
  return [
    family('info', 'gauge', 'The version that runs.', [[{ version }, 1]]),
    family('srtp_info', 'gauge', 'What encrypts the packets: WebAssembly SIMD, or OpenSSL without it.', [
      [{ implementation: implementations.srtp }, 1],
    ]),
    family('udp_send_info', 'gauge', 'What sends the packets: the direct call, or the documented one.', [
      [{ implementation: implementations.udpSend }, 1],
    ]),
    family('uptime_seconds', 'gauge', 'Since the program started.', [[{}, uptimeS]]),
    ...(process === undefined ? [] : processFamilies(process)),
    family(
      'unfinished_message_bytes',
      'gauge',
      'WebSocket messages and request bodies that are not complete.',
      [[{}, unfinishedBytes]],
    ),
    family(
      'camera_state',
      'gauge',
      'The state that the camera is in is 1, the others are 0.',
      all.flatMap(([camera, of]) =>
        states.map((state): Samples[number] => [{ camera, state }, of.state === state ? 1 : 0]),
      ),
    ),
    family(
      'camera_restarts_by_cause_total',
      'counter',
      'The same, by what made it necessary.',
      all.flatMap(([camera, of]) =>
        Object.entries(of.restartsByCause).map(([cause, times]): Samples[number] => [
          { camera, cause },
          times,
        ]),
      ),
    ),
    ...perCamera.map(({ name, type, help, of }) =>
      family(
        name,
        type,
        help,
        all.map(([camera, each]) => [{ camera }, of(each)]),
      ),
    ),
    ...heading(answerTime, 'summary', 'From a request for a keyframe until it came.'),
    ...all.flatMap(([camera, of]) => [
      sample(`${answerTime}_sum`, { camera }, inSeconds(of.keyframeAnswerSumMs)!),
      sample(`${answerTime}_count`, { camera }, of.keyframeAnswers),
    ]),
  ]
    .flat()
    .map((line) => `${line}\n`)
    .join('')
}

function processFamilies({
  residentBytes,
  heapUsedBytes,
  cpuSeconds,
  openFileDescriptors,
  eventLoopLag: { medianMs, p99Ms, maxMs },
}: ProcessMetrics): string[][] {
  return [
    family('resident_memory_bytes', 'gauge', 'Memory of the Node.js process.', [[{}, residentBytes]]),
    family('heap_used_bytes', 'gauge', 'Of it, what JavaScript objects take.', [[{}, heapUsedBytes]]),
    family('cpu_seconds_total', 'counter', 'CPU time of the Node.js process.', [[{}, cpuSeconds]]),
    family('open_file_descriptors', 'gauge', 'Sockets, files and pipes that it has open.', [
      [{}, openFileDescriptors],
    ]),
    family('event_loop_lag_seconds', 'gauge', 'How late its event loop was in the last minute or two.', [
      [{ quantile: '0.5' }, inSeconds(medianMs)],
      [{ quantile: '0.99' }, inSeconds(p99Ms)],
      [{ quantile: '1' }, inSeconds(maxMs)],
    ]),
  ]
}

/** A figure that is not known is left out, and so is a family without any. */
function family(name: string, type: 'counter' | 'gauge', help: string, samples: Samples): string[] {
  const lines = samples.flatMap(([labels, value]) =>
    value === undefined ? [] : [sample(name, labels, value)],
  )
  return lines.length === 0 ? [] : [...heading(name, type, help), ...lines]
}

const heading = (name: string, type: string, help: string): string[] => [
  `# HELP ${PREFIX}_${name} ${help}`,
  `# TYPE ${PREFIX}_${name} ${type}`,
]

function sample(name: string, labels: Record<string, string>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`)
  return `${PREFIX}_${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`
}

const escape = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

const inSeconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000)
