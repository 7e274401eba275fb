import type { MetricsFacts } from './metrics-facts.js'
import type { MetricFamily } from './prometheus-text.js'
import type { PublicationFacts } from './publisher-facts.js'

/** What /metrics says of clients that publish; without a camera for them no family has a sample. */
export function publisherFamilies(cameras: MetricsFacts['cameras']): MetricFamily[] {
  const published = Object.entries(cameras).flatMap(([camera, { publication }]) =>
    publication === undefined ? [] : [{ publication, labels: { camera } }],
  )
  return FAMILIES.map(({ read, ...family }) => ({
    ...family,
    samples: published.map(({ publication, labels }) => ({ labels, value: read(publication) })),
  }))
}

const FAMILIES: (Omit<MetricFamily, 'samples'> & {
  read: (publication: PublicationFacts) => number | undefined
})[] = [
  {
    name: 'rpi_webrtc_publisher_connected',
    type: 'gauge',
    help: '1 while a publisher is connected to the camera.',
    read: ({ publisher }) => Number(publisher?.connectedForMs !== undefined),
  },
  {
    name: 'rpi_webrtc_publisher_connected_seconds',
    type: 'gauge',
    help: 'Time since the publisher connected.',
    read: ({ publisher }) =>
      publisher?.connectedForMs === undefined ? undefined : publisher.connectedForMs / 1000,
  },
  {
    name: 'rpi_webrtc_publisher_connections_total',
    type: 'counter',
    help: 'Publishers that connected.',
    read: ({ counts }) => counts.connections,
  },
  {
    name: 'rpi_webrtc_publisher_received_packets_total',
    type: 'counter',
    help: 'RTP packets received from publishers, without retransmissions.',
    read: ({ counts }) => counts.packets,
  },
  {
    name: 'rpi_webrtc_publisher_received_bytes_total',
    type: 'counter',
    help: 'Bytes of these packets; their rate is the bit rate.',
    read: ({ counts }) => counts.octets,
  },
  {
    name: 'rpi_webrtc_publisher_retransmitted_packets_total',
    type: 'counter',
    help: 'Packets that publishers sent again.',
    read: ({ counts }) => counts.retransmitted,
  },
  {
    name: 'rpi_webrtc_publisher_recovered_packets_total',
    type: 'counter',
    help: 'Missing packets that arrived in time after all.',
    read: ({ counts }) => counts.recovered,
  },
  {
    name: 'rpi_webrtc_publisher_lost_packets_total',
    type: 'counter',
    help: 'Packets that are missing for good.',
    read: ({ counts }) => counts.lost,
  },
  {
    name: 'rpi_webrtc_publisher_keyframe_requests_total',
    type: 'counter',
    help: 'Keyframe requests sent to publishers (PLI).',
    read: ({ counts }) => counts.keyframeRequests,
  },
  {
    name: 'rpi_webrtc_publisher_bitrate_bits_per_second',
    type: 'gauge',
    help: 'Bit rate of the publisher over the last second.',
    read: ({ publisher }) => publisher?.bitrateBps,
  },
  {
    name: 'rpi_webrtc_publisher_fraction_lost',
    type: 'gauge',
    help: 'Packet loss in the last report to the publisher, before retransmission, from 0 to 1.',
    read: ({ publisher }) => publisher?.fractionLost,
  },
  {
    name: 'rpi_webrtc_publisher_jitter_seconds',
    type: 'gauge',
    help: 'Interarrival jitter of its packets (RFC 3550).',
    read: ({ publisher }) => (publisher?.jitterMs === undefined ? undefined : publisher.jitterMs / 1000),
  },
]
