import type { CameraConfig } from '../../config/types.js'
import { encoderArguments } from './encoder-arguments.js'
import { encoderThreads, type Encoder } from './encoder.js'
import { overlayElements } from './overlay.js'
import { videoDirection } from './video-direction.js'
import type { Machine } from './machine.js'
import { missingForSnapshots, snapshotBranch, snapshotTee } from './snapshot-branch.js'
import type { IngestPorts } from './ports.js'
import type { View } from './field-of-view.js'
import { secondPadBranch } from './second-pad.js'
import { fraction } from './frame-rate-caps.js'
import { buildSource, type PixelFormat } from './source.js'
import { link } from './syntax.js'

/** The first dynamic RTP payload type (RFC 3551 §6). */
export const PAYLOAD_TYPE = 96

/** Largest RTP packet in bytes: leaves room for SRTP, header extensions and TURN. */
const MTU = 1200

export interface PipelineOptions {
  ports: IngestPorts
  /** How many cameras this machine encodes at once. */
  sharedBy?: number | undefined
  /** False omits the snapshot branch, which needs a socket at file descriptor 3, and keeps its tee, which does no harm. */
  snapshots?: boolean
  /** How a camera module is asked for its field of view; left out, libcamera decides. */
  view?: View | undefined
  /** Whether the hardware encoder imports the frames instead of copying them. */
  dmabufImport?: boolean
  /** Whether libcamera chooses the format, and its frames are converted to that of the encoder. */
  convert?: boolean
}

/**
 * The arguments of gst-launch-1.0 for a camera: source, queue, flip, encoder and payloader, inside an RTP session that
 * reports capture times and receives keyframe requests; then the snapshot branch, if this machine has its elements.
 * Figures in comments were measured with GStreamer 1.22 on two shared cores.
 * @throws Error for an rtp camera, which has no pipeline.
 */
export function buildPipeline(
  camera: CameraConfig,
  encoder: Encoder,
  machine: Machine,
  { ports, sharedBy = 1, snapshots = true, view, dmabufImport = false, convert = false }: PipelineOptions,
): string[] {
  const source = buildSource(camera, pixelFormat(encoder), machine, { view, convert })
  if (source === undefined) throw new Error(`${camera.key} is sent by another program and has no pipeline`)
  const isDecoded = encoder.element !== 'passthrough'
  const hasTee = isDecoded && missingForSnapshots(machine).length === 0
  const encode = [
    latestFrameOnly,
    // After the queue, so that dropped frames are not flipped.
    ...flip(camera),
    ...overlayElements(camera, machine),
    encoderArguments(camera, encoder, encoderThreads(machine, sharedBy), dmabufImport),
  ]
  return [
    '-q', // no progress on stdout; errors are on stderr
    '-f', // no fault handler: with it a crashed pipeline hangs forever and keeps the camera
    ...rtpSession,
    ...link(
      source,
      ...(hasTee ? [snapshotTee] : []),
      ...(isDecoded ? encode : []),
      packetise(camera, encoder),
      ['r.send_rtp_sink'],
    ),
    ...link(['r.send_rtp_src'], sendTo(ports.rtpPort)),
    ...link(['r.send_rtcp_src'], sendTo(ports.rtcpPort)),
    // The default address would accept keyframe requests from the network.
    ...link(
      ['udpsrc', 'address=127.0.0.1', `port=${ports.feedbackPort}`, 'caps=application/x-rtcp'],
      ['r.recv_rtcp_sink'],
    ),
    ...(view?.secondPad === undefined ? [] : secondPadBranch(view.secondPad, fraction(camera.fps.max))),
    ...(hasTee && snapshots ? snapshotBranch(camera, machine) : []),
  ]
}

/** Known in advance, because a PLI has to name it. 32-bit FNV-1a of the key. */
export function cameraSsrc(camera: Pick<CameraConfig, 'key'>): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(camera.key)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash === 0 ? 1 : hash
}

/** Sender reports every 0.3 to 0.6 s with CLOCK_MONOTONIC at capture, from which the age of a frame follows. */
const rtpSession = [
  'rtpsession',
  'name=r',
  'rtp-profile=avpf',
  'ntp-time-source=clock-time',
  'rtcp-sync-send-time=false',
  'rtcp-min-interval=500000000',
  'bandwidth=8000000',
]

/** An overloaded encoder skips frames instead of falling behind: median delay 0.1 s instead of 2.9 s. */
const latestFrameOnly = [
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

function packetise(camera: CameraConfig, encoder: Encoder): string[] {
  const common = [`mtu=${MTU}`, `pt=${PAYLOAD_TYPE}`, `ssrc=${cameraSsrc(camera)}`]
  if (encoder.element === 'vp8enc') return ['rtpvp8pay', ...common, 'picture-id-mode=15-bit']
  // x264, openh264 and h264parse repeat SPS and PPS themselves; a second copy would land between the slices of one frame.
  const configInterval = encoder.element === 'v4l2h264enc' ? -1 : 0
  return ['rtph264pay', ...common, 'aggregate-mode=zero-latency', `config-interval=${configInterval}`]
}

/**
 * sync=false: a packet leaves when it is made, not 50 ms later. Without bind-address the socket would accept datagrams
 * from the network.
 */
export const sendTo = (port: number): string[] => [
  'udpsink',
  'host=127.0.0.1',
  `port=${port}`,
  'bind-address=127.0.0.1',
  'sync=false',
  'async=false',
]
