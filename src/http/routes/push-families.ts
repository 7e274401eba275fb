import type { MetricsFacts } from './metrics-facts.js'
import type { MetricFamily } from './prometheus-text.js'
import type { PushFacts } from './push-facts.js'

/** The states of a push (docs/push.md). */
const STATES = ['idle', 'waiting', 'connecting', 'live', 'retrying']

/** What /metrics says of pushes; without one no family has a sample. */
export function pushFamilies(cameras: MetricsFacts['cameras']): MetricFamily[] {
  const pushes = Object.entries(cameras).flatMap(([camera, { pushes: own }]) =>
    own.map((push) => ({ push, labels: { camera, name: push.name } })),
  )
  return [
    {
      name: 'rpi_webrtc_push_state',
      type: 'gauge',
      help: '1 for the current state of the push, 0 for the others.',
      samples: pushes.flatMap(({ push, labels }) =>
        STATES.map((state) => ({ labels: { ...labels, state }, value: push.state === state ? 1 : 0 })),
      ),
    },
    ...FAMILIES.map(({ read, ...family }) => ({
      ...family,
      samples: pushes.map(({ push, labels }) => ({ labels, value: read(push) })),
    })),
  ]
}

const FAMILIES: (Omit<MetricFamily, 'samples'> & { read: (push: PushFacts) => number | undefined })[] = [
  {
    name: 'rpi_webrtc_push_reconnects_total',
    type: 'counter',
    help: 'Sessions with the media server after the first one.',
    read: ({ reconnects }) => reconnects,
  },
  {
    name: 'rpi_webrtc_push_sent_packets_total',
    type: 'counter',
    help: 'RTP packets sent to the media server, without retransmissions.',
    read: ({ total }) => total.packets,
  },
  {
    name: 'rpi_webrtc_push_sent_bytes_total',
    type: 'counter',
    help: 'Payload bytes of these packets; their rate is the bit rate.',
    read: ({ total }) => total.octets,
  },
  {
    name: 'rpi_webrtc_push_nacked_packets_total',
    type: 'counter',
    help: 'Packets that the media server reported as lost (NACK), including repeats.',
    read: ({ total }) => total.nacked,
  },
  {
    name: 'rpi_webrtc_push_retransmitted_packets_total',
    type: 'counter',
    help: 'Packets sent to the media server again.',
    read: ({ total }) => total.retransmitted,
  },
  {
    name: 'rpi_webrtc_push_keyframe_requests_total',
    type: 'counter',
    help: 'Keyframe requests of the media server (PLI and FIR).',
    read: ({ total }) => total.keyframeRequests,
  },
  {
    name: 'rpi_webrtc_push_frames_dropped_total',
    type: 'counter',
    help: 'Frames dropped because the path to the media server is too slow.',
    read: ({ total }) => total.framesDropped,
  },
  {
    name: 'rpi_webrtc_push_congested',
    type: 'gauge',
    help: '1 while frames are dropped for the media server.',
    read: ({ path }) => (path === undefined ? undefined : Number(path.congested)),
  },
  {
    name: 'rpi_webrtc_push_relayed',
    type: 'gauge',
    help: '1 while packets go through a TURN server.',
    read: ({ path }) => (path === undefined ? undefined : Number(path.relayed)),
  },
  {
    name: 'rpi_webrtc_push_fraction_lost',
    type: 'gauge',
    help: 'Packet loss in the last report of the media server, from 0 to 1.',
    read: ({ path }) => path?.fractionLost,
  },
  {
    name: 'rpi_webrtc_push_round_trip_seconds',
    type: 'gauge',
    help: 'Round trip to the media server.',
    read: ({ path }) => (path?.roundTripMs === undefined ? undefined : path.roundTripMs / 1000),
  },
  {
    name: 'rpi_webrtc_push_available_bitrate_bits_per_second',
    type: 'gauge',
    help: 'Available bitrate of the path to the media server.',
    read: ({ path }) => path?.availableBitrateBps,
  },
]
