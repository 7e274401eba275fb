import type { CameraConfig } from '../../config/types.js'
import { encoderThreads, type Encoder } from './encoder.js'
import { videoDirection } from './video-direction.js'
import type { Machine } from './machine.js'
import { missingForSnapshots, snapshotBranch, snapshotTee } from './snapshot-branch.js'
import type { IngestPorts } from './ports.js'
import { buildSource, type PixelFormat } from './source.js'
import { link } from './syntax.js'

/** RTP payload type of every pipeline's packets: the first dynamic one (RFC 3551 §6). */
export const PAYLOAD_TYPE = 96

/** Bytes of the largest RTP packet: leaves room for SRTP, header extensions and TURN within any path's MTU. */
const MTU = 1200

export interface PipelineOptions {
  ports: IngestPorts
  /** How many cameras this machine encodes at once. */
  sharedBy?: number | undefined
  /**
   * False leaves out the snapshot branch, which needs a socket at file descriptor 3. Its tee stays: with one branch it
   * only passes buffers on, and the rest of the line is the one that the server runs.
   */
  snapshots?: boolean
}

/**
 * The arguments of gst-launch-1.0 for a camera, in the order in which the picture flows: sensor, queue, flip, encoder,
 * packets, and around them one RTP session that says when each picture was taken and hears requests for a keyframe; last,
 * where this machine has what it takes, the branch for snapshots.
 * Where a comment gives a figure, it was measured with GStreamer 1.22 on two shared cores.
 * @throws Error for an rtp camera, which has no pipeline.
 */
export function buildPipeline(
  camera: CameraConfig,
  encoder: Encoder,
  machine: Machine,
  { ports, sharedBy = 1, snapshots = true }: PipelineOptions,
): string[] {
  const source = buildSource(camera, pixelFormat(encoder), machine)
  if (source === undefined) throw new Error(`${camera.key} is sent by another program: it has no pipeline`)
  const hasTee = missingForSnapshots(machine).length === 0
  return [
    '-q', // stdout would only say how it goes; errors are on stderr
    '-f', // no fault handler: with it a crashed pipeline hangs forever and keeps the camera
    ...rtpSession,
    ...link(
      source,
      ...(hasTee ? [snapshotTee] : []),
      latestPictureOnly,
      // After the queue: a picture dropped there was not worth turning.
      ...flip(camera),
      encode(camera, encoder, encoderThreads(machine, sharedBy)),
      packetise(camera, encoder),
      ['r.send_rtp_sink'],
    ),
    ...link(['r.send_rtp_src'], sendTo(ports.rtpPort)),
    ...link(['r.send_rtcp_src'], sendTo(ports.rtcpPort)),
    // 127.0.0.1 has to be said: by default anyone on the network could ask for keyframes.
    ...link(
      ['udpsrc', 'address=127.0.0.1', `port=${ports.feedbackPort}`, 'caps=application/x-rtcp'],
      ['r.recv_rtcp_sink'],
    ),
    ...(hasTee && snapshots ? snapshotBranch(camera) : []),
  ]
}

/**
 * The SSRC of a camera's packets: fixed, because a PLI is obeyed only when it names it. FNV-1a over the key, 32 bits.
 */
export function ssrcOf(camera: Pick<CameraConfig, 'key'>): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(camera.key)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash === 0 ? 1 : hash
}

/** Sender reports every 0.3 to 0.6 s that carry CLOCK_MONOTONIC at capture, so that Node can tell a picture's age. */
const rtpSession = [
  'rtpsession',
  'name=r',
  'rtp-profile=avpf',
  'ntp-time-source=clock-time',
  'rtcp-sync-send-time=false',
  'rtcp-min-interval=500000000',
  'bandwidth=8000000',
]

/** An overloaded encoder skips pictures instead of falling behind: 0.1 s late at the median instead of 2.9 s. */
const latestPictureOnly = [
  'queue',
  'max-size-buffers=1',
  'max-size-bytes=0',
  'max-size-time=0',
  'leaky=downstream',
]

const pixelFormat = (encoder: Encoder): PixelFormat => (encoder.element === 'v4l2h264enc' ? 'NV12' : 'I420')

function flip(camera: CameraConfig): string[][] {
  const direction = videoDirection(camera.flipMethod)
  return direction === undefined ? [] : [['videoflip', `video-direction=${direction}`]]
}

/** Each encoder names the same wishes in its own words and units. */
function encode(camera: CameraConfig, encoder: Encoder, threads: number): string[] {
  const interval = encoder.keyframeInterval
  switch (encoder.element) {
    case 'v4l2h264enc': {
      const controls = [
        'controls',
        'repeat_sequence_header=1', // a keyframe without SPS and PPS starts no decoder
        'video_bitrate_mode=1', // constant; the firmware allows it with a baseline profile only
        `video_bitrate=${v4l2Bitrate(camera.bitrate)}`,
        `h264_i_frame_period=${interval}`,
      ]
      return link(
        ['v4l2h264enc', `extra-controls=${controls.join(',')}`],
        // Left open, GStreamer sets level 1 on the device and streaming does not start.
        ['video/x-h264,level=(string)4,profile=(string)constrained-baseline'],
      )
    }
    case 'x264enc':
      return link(
        [
          'x264enc',
          'tune=zerolatency', // without it also a deadlock: x264 keeps more pictures than libcamera has buffers
          'speed-preset=ultrafast',
          `bitrate=${Math.max(1, Math.round(camera.bitrate / 1000))}`, // kbit/s
          'vbv-buf-capacity=120', // ms: bounds a keyframe's burst
          `key-int-max=${interval}`,
          'aud=false',
          `threads=${threads}`,
        ],
        ['video/x-h264,profile=constrained-baseline,stream-format=byte-stream'],
      )
    case 'openh264enc':
      return link(
        [
          'openh264enc',
          'complexity=low',
          'rate-control=bitrate',
          `bitrate=${camera.bitrate}`,
          'qp-min=20',
          `gop-size=${interval}`,
        ],
        ['video/x-h264,profile=constrained-baseline'],
      )
    case 'vp8enc':
      return [
        'vp8enc',
        'deadline=1', // µs; the default of a second is what it says
        'cpu-used=-8', // negative is a fixed speed, positive lets libvpx guess from the time a frame took
        `threads=${threads}`,
        ...(threads > 1 ? ['token-partitions=2'] : []),
        'end-usage=cbr',
        `target-bitrate=${camera.bitrate}`,
        'undershoot=95',
        'min-quantizer=4',
        'max-quantizer=63', // 56 overshoots the bitrate by a quarter
        'buffer-initial-size=500',
        'buffer-optimal-size=600',
        'buffer-size=1000',
        'max-intra-bitrate=300', // percent of a mean frame: bounds a keyframe's burst
        `keyframe-max-dist=${interval}`,
        'lag-in-frames=0',
        'error-resilient=default',
        'static-threshold=1',
      ]
  }
}

function packetise(camera: CameraConfig, encoder: Encoder): string[] {
  const common = [`mtu=${MTU}`, `pt=${PAYLOAD_TYPE}`, `ssrc=${ssrcOf(camera)}`]
  if (encoder.element === 'vp8enc') return ['rtpvp8pay', ...common, 'picture-id-mode=15-bit']
  // x264 and openh264 repeat SPS and PPS themselves; a second copy would land between the slices of one picture.
  const configInterval = encoder.element === 'v4l2h264enc' ? -1 : 0
  return ['rtph264pay', ...common, 'aggregate-mode=zero-latency', `config-interval=${configInterval}`]
}

/**
 * Unsynchronised: a packet leaves when it is made, not 50 ms later when the clock says so. Without an address to bind to,
 * its socket would take datagrams from anywhere.
 */
const sendTo = (port: number): string[] => [
  'udpsink',
  'host=127.0.0.1',
  `port=${port}`,
  'bind-address=127.0.0.1',
  'sync=false',
  'async=false',
]

/** The driver takes steps of 25 kbit/s, and fails to start at its own upper bound of 25 Mbit/s. */
const v4l2Bitrate = (bitrate: number): number =>
  Math.min(24_975_000, Math.max(25_000, Math.round(bitrate / 25_000) * 25_000))
