import { audioFamilies } from './audio-families.js'
import { captureStates } from './camera-facts.js'
import type { CameraMetrics, MetricsFacts } from './metrics-facts.js'
import { inSeconds, type MetricFamily, type Sample } from './prometheus-text.js'
import { processFamilies } from './process-families.js'
import { publisherFamilies } from './publisher-families.js'
import { pushFamilies } from './push-families.js'

/** Every family of `GET /metrics`. */
export function metricFamilies(facts: MetricsFacts): MetricFamily[] {
  const { version, uptimeS, process, implementations, stun, unfinishedBytes, connectFailures } = facts
  const cameras = Object.entries(facts.cameras)
  return [
    {
      name: 'rpi_webrtc_build_info',
      type: 'gauge',
      help: 'Always 1; the label is the version of the program.',
      samples: [{ labels: { version }, value: 1 }],
      deprecatedName: 'rpi_webrtc_info',
    },
    {
      name: 'rpi_webrtc_srtp_info',
      type: 'gauge',
      help: 'Always 1; the label is the SRTP implementation.',
      samples: [{ labels: { implementation: implementations.srtp }, value: 1 }],
    },
    {
      name: 'rpi_webrtc_srtp_aes_info',
      type: 'gauge',
      help: 'Always 1; the labels are the AES implementation and the preferred SRTP profile, chosen at start by their cost.',
      samples: [
        {
          labels: { implementation: implementations.aes.by, profile: implementations.aes.profile },
          value: 1,
        },
      ],
    },
    {
      name: 'rpi_webrtc_udp_send_info',
      type: 'gauge',
      help: 'Always 1; the label is the UDP send implementation.',
      samples: [{ labels: { implementation: implementations.udpSend }, value: 1 }],
    },
    {
      name: 'rpi_webrtc_uptime_seconds',
      type: 'gauge',
      help: 'Time since the start.',
      samples: [{ value: uptimeS }],
    },
    ...(process === undefined ? [] : processFamilies(process)),
    {
      name: 'rpi_webrtc_unfinished_message_bytes',
      type: 'gauge',
      help: 'Bytes of incomplete WebSocket messages and request bodies.',
      samples: [{ value: unfinishedBytes }],
    },
    {
      name: 'rpi_webrtc_stun_requests_total',
      type: 'counter',
      help: 'Binding requests from the media port to the STUN server, including retransmissions.',
      samples: [{ value: stun.requests }],
    },
    {
      name: 'rpi_webrtc_stun_responses_total',
      type: 'counter',
      help: 'Responses of the STUN server.',
      samples: [{ value: stun.responses }],
    },
    {
      name: 'rpi_webrtc_stun_forged_responses_total',
      type: 'counter',
      help: 'Dropped responses to such a request that did not come from the STUN server.',
      samples: [{ value: stun.forged }],
    },
    {
      name: 'rpi_webrtc_viewer_connect_failures_total',
      type: 'counter',
      help: 'Sessions that did not connect, by cause.',
      samples: Object.entries(connectFailures).map(([cause, value]) => ({ labels: { cause }, value })),
    },
    {
      name: 'rpi_webrtc_camera_state',
      type: 'gauge',
      help: '1 for the current state of the camera, 0 for the others.',
      samples: cameras.flatMap(([camera, metrics]) =>
        captureStates.map((state) => ({
          labels: { camera, state },
          value: metrics.state === state ? 1 : 0,
        })),
      ),
    },
    {
      name: 'rpi_webrtc_camera_restarts_by_cause_total',
      type: 'counter',
      help: 'Restarts of the capture process by cause.',
      samples: cameras.flatMap(([camera, { restartsByCause }]) =>
        Object.entries(restartsByCause).map(([cause, value]) => ({ labels: { camera, cause }, value })),
      ),
    },
    {
      name: 'rpi_webrtc_camera_warning',
      type: 'gauge',
      help: 'Always 1; one sample for each warning about the camera at present.',
      samples: cameras.flatMap(([camera, { warnings }]) =>
        warnings.map((cause) => ({ labels: { camera, cause }, value: 1 })),
      ),
    },
    ...perCamera.map(({ read, ...family }) => ({
      ...family,
      samples: cameras.map(([camera, metrics]) => ({ labels: { camera }, value: read(metrics) })),
    })),
    {
      name: 'rpi_webrtc_camera_keyframe_answer_seconds',
      type: 'summary',
      help: 'Time from a keyframe request to the keyframe.',
      samples: cameras.flatMap(([camera, { keyframeAnswerSumMs, keyframeAnswers }]): Sample[] => [
        { suffix: '_sum', labels: { camera }, value: inSeconds(keyframeAnswerSumMs) },
        { suffix: '_count', labels: { camera }, value: keyframeAnswers },
      ]),
    },
    ...audioFamilies(facts.cameras),
    ...pushFamilies(facts.cameras),
    ...publisherFamilies(facts.cameras),
  ]
}

/** Families with one sample per camera. */
const perCamera: (Omit<MetricFamily, 'samples'> & {
  read: (camera: CameraMetrics) => number | undefined
})[] = [
  {
    name: 'rpi_webrtc_camera_packets_total',
    type: 'counter',
    help: 'RTP packets received from the camera.',
    read: (camera) => camera.packets,
  },
  {
    name: 'rpi_webrtc_camera_frames_total',
    type: 'counter',
    help: 'Frames received from the camera.',
    read: (camera) => camera.frames,
  },
  {
    name: 'rpi_webrtc_camera_capture_delay_seconds',
    type: 'gauge',
    help: 'Time from the capture of the last frame until it was received, encoded.',
    read: (camera) => inSeconds(camera.captureDelayMs),
  },
  {
    name: 'rpi_webrtc_camera_keyframes_total',
    type: 'counter',
    help: 'Keyframes received from the camera.',
    read: (camera) => camera.keyframes,
  },
  {
    name: 'rpi_webrtc_camera_keyframe_requests_total',
    type: 'counter',
    help: 'Keyframe requests sent to the encoder.',
    read: (camera) => camera.keyframeRequests,
  },
  {
    name: 'rpi_webrtc_camera_restarts_total',
    type: 'counter',
    help: 'Restarts of the capture process.',
    read: (camera) => camera.restarts,
  },
  {
    name: 'rpi_webrtc_camera_viewers',
    type: 'gauge',
    help: 'Viewers that hold a slot.',
    read: (camera) => camera.viewers,
  },
  {
    name: 'rpi_webrtc_camera_viewers_congested',
    type: 'gauge',
    help: 'Viewers whose path is too slow for the stream; frames are dropped for them.',
    read: (camera) => camera.viewersCongested,
  },
  {
    name: 'rpi_webrtc_camera_viewers_low',
    type: 'gauge',
    help: 'Viewers that are sent the small size.',
    read: (camera) => camera.viewersLow,
  },
  {
    name: 'rpi_webrtc_camera_viewers_tcp',
    type: 'gauge',
    help: 'Viewers that get their packets over TCP.',
    read: (camera) => camera.viewersTcp,
  },
  {
    name: 'rpi_webrtc_camera_viewers_http',
    type: 'gauge',
    help: 'Viewers that get MP4 over HTTP, without WebRTC.',
    read: (camera) => camera.viewersHttp,
  },
  {
    name: 'rpi_webrtc_camera_viewers_rtsp',
    type: 'gauge',
    help: 'Readers that get RTP over RTSP, without WebRTC.',
    read: (camera) => camera.viewersRtsp,
  },
  {
    name: 'rpi_webrtc_viewer_sent_packets_total',
    type: 'counter',
    help: 'RTP packets sent to viewers, without retransmissions.',
    read: (camera) => camera.sentPackets,
  },
  {
    name: 'rpi_webrtc_viewer_sent_bytes_total',
    type: 'counter',
    help: 'Payload bytes of these packets.',
    read: (camera) => camera.sentBytes,
  },
  {
    name: 'rpi_webrtc_viewer_nacked_packets_total',
    type: 'counter',
    help: 'Packets that viewers reported as lost (NACK), including repeats.',
    read: (camera) => camera.nackedPackets,
  },
  {
    name: 'rpi_webrtc_viewer_retransmitted_packets_total',
    type: 'counter',
    help: 'Packets sent to viewers again.',
    read: (camera) => camera.retransmittedPackets,
  },
  {
    name: 'rpi_webrtc_viewer_keyframe_requests_total',
    type: 'counter',
    help: 'Keyframe requests of viewers (PLI and FIR).',
    read: (camera) => camera.viewerKeyframeRequests,
  },
  {
    name: 'rpi_webrtc_viewer_frames_dropped_total',
    type: 'counter',
    help: 'Frames dropped for viewers on a slow path.',
    read: (camera) => camera.framesDropped,
    deprecatedName: 'rpi_webrtc_viewer_frames_left_out_total',
  },
  {
    name: 'rpi_webrtc_viewer_available_bitrate_lowest_bits_per_second',
    type: 'gauge',
    help: 'Available bitrate of the slowest path to a viewer.',
    read: (camera) => camera.lowestAvailableBitrateBps,
    deprecatedName: 'rpi_webrtc_viewer_estimate_lowest_bits_per_second',
  },
  {
    name: 'rpi_webrtc_viewer_round_trip_highest_seconds',
    type: 'gauge',
    help: 'Longest round trip to a viewer.',
    read: (camera) => inSeconds(camera.highestRoundTripMs),
  },
]
