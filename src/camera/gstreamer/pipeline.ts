import type { CameraConfig } from '../../config/types.js'
import { encoderArguments } from './encoder-arguments.js'
import { encoderThreads, type Encoder } from './encoder.js'
import { lowBranch, type LowOutput } from './low-branch.js'
import { overlayElements } from './overlay.js'
import { flip } from './video-direction.js'
import type { Machine } from './machine.js'
import { cameraSsrc, latestFrameOnly, packetise, rtpOutput, rtpSession } from './rtp-output.js'
import { missingForSnapshots, snapshotBranch, snapshotTee } from './snapshot-branch.js'
import type { IngestPorts } from './ports.js'
import type { View } from './field-of-view.js'
import { secondPadBranch } from './second-pad.js'
import { fraction } from './frame-rate-caps.js'
import { buildSource, type PixelFormat } from './source.js'
import { link } from './syntax.js'

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
  /** The small size; undefined without one. */
  low?: LowOutput | undefined
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
  {
    ports,
    sharedBy = 1,
    snapshots = true,
    view,
    dmabufImport = false,
    convert = false,
    low,
  }: PipelineOptions,
): string[] {
  const isNamed = view?.secondPad !== undefined || low?.step === 'second-pad'
  const source = buildSource(camera, pixelFormat(encoder), machine, { view, convert, isNamed })
  if (source === undefined) throw new Error(`${camera.key} is sent by another program and has no pipeline`)
  const isDecoded = encoder.element !== 'passthrough'
  const hasSnapshots = isDecoded && missingForSnapshots(machine).length === 0
  const hasTee = hasSnapshots || low?.step === 'scaler'
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
    ...rtpSession('r'),
    ...link(
      source,
      ...(hasTee ? [snapshotTee] : []),
      ...(isDecoded ? encode : []),
      packetise(encoder, cameraSsrc(camera), low && timestampOffsetOf(camera)),
      ['r.send_rtp_sink'],
    ),
    ...rtpOutput('r', ports),
    ...(view?.secondPad === undefined ? [] : secondPadBranch(view.secondPad, fraction(camera.fps.max))),
    ...(hasSnapshots && snapshots ? snapshotBranch(camera, machine) : []),
    ...(low === undefined ? [] : lowBranch(camera, machine, low, timestampOffsetOf(camera))),
  ]
}

const pixelFormat = (encoder: Encoder): PixelFormat => (encoder.element === 'v4l2h264enc' ? 'NV12' : 'I420')

/** Any number will do: what listens on loopback maps timestamps to a line of its own. */
const timestampOffsetOf = (camera: CameraConfig): number => cameraSsrc(camera) >>> 1
