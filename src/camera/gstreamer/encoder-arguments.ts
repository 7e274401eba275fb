import type { CameraConfig } from '../../config/types.js'
import type { Encoder } from './encoder.js'
import { link } from './syntax.js'

/** An encoder with its properties. Where a comment gives a figure, it was measured with GStreamer 1.22 on two cores. */
export function encoderArguments(
  camera: CameraConfig,
  encoder: Encoder,
  threads: number,
  dmabufImport = false,
): string[] {
  const { bitrate } = camera
  const interval = encoder.keyframeInterval
  switch (encoder.element) {
    case 'v4l2h264enc':
      return hardwareH264(bitrate, interval, dmabufImport)
    case 'x264enc':
      return x264(bitrate, interval, threads)
    case 'openh264enc':
      return openh264(bitrate, interval)
    case 'vp8enc':
      return vp8(bitrate, interval, threads)
    case 'passthrough':
      return []
  }
}

function hardwareH264(bitrate: number, interval: number, dmabufImport: boolean): string[] {
  const controls = [
    'controls',
    'repeat_sequence_header=1', // decoders need SPS and PPS with every keyframe
    'video_bitrate_mode=1', // constant; the firmware allows it with a baseline profile only
    `video_bitrate=${driverBitrate(bitrate)}`,
    `h264_i_frame_period=${interval}`,
  ]
  return link(
    [
      'v4l2h264enc',
      // By itself GStreamer copies every frame into a buffer of the encoder (MMAP).
      ...(dmabufImport ? ['output-io-mode=dmabuf-import'] : []),
      `extra-controls=${controls.join(',')}`,
    ],
    // Without a level GStreamer sets level 1 on the device and streaming does not start.
    ['video/x-h264,level=(string)4,profile=(string)constrained-baseline'],
  )
}

/** The driver rounds to steps of 25 kbit/s, and fails to start at its own upper bound of 25 Mbit/s. */
const driverBitrate = (bitrate: number): number =>
  Math.min(24_975_000, Math.max(25_000, Math.round(bitrate / 25_000) * 25_000))

const x264 = (bitrate: number, interval: number, threads: number): string[] =>
  link(
    [
      'x264enc',
      'tune=zerolatency', // also prevents a deadlock: x264 would hold more frames than libcamera has buffers
      'speed-preset=ultrafast',
      `bitrate=${Math.max(1, Math.round(bitrate / 1000))}`, // kbit/s
      'vbv-buf-capacity=120', // ms: bounds a keyframe's burst
      `key-int-max=${interval}`,
      'aud=false',
      `threads=${threads}`,
    ],
    ['video/x-h264,profile=constrained-baseline,stream-format=byte-stream'],
  )

const openh264 = (bitrate: number, interval: number): string[] =>
  link(
    [
      'openh264enc',
      'complexity=low',
      'rate-control=bitrate',
      `bitrate=${bitrate}`,
      'qp-min=20',
      `gop-size=${interval}`,
    ],
    ['video/x-h264,profile=constrained-baseline'],
  )

const vp8 = (bitrate: number, interval: number, threads: number): string[] => [
  'vp8enc',
  'deadline=1', // µs per frame; the default is one second
  'cpu-used=-8', // negative: fixed speed; positive: libvpx adapts it to the time a frame took
  `threads=${threads}`,
  ...(threads > 1 ? ['token-partitions=2'] : []),
  'end-usage=cbr',
  `target-bitrate=${bitrate}`,
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
