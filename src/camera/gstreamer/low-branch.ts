import type { LowSize } from '../../config/low-size.js'
import type { CameraConfig } from '../../config/types.js'
import { encoderArguments } from './encoder-arguments.js'
import type { Encoder } from './encoder.js'
import { fraction } from './frame-rate-caps.js'
import { lowCamera, lowEncoder, lowSizeOf, type LowStep } from './low.js'
import type { Machine } from './machine.js'
import { overlayElements } from './overlay.js'
import type { IngestPorts } from './ports.js'
import { latestFrameOnly, lowSsrc, packetise, rtpOutput, rtpSession } from './rtp-output.js'
import { SOURCE_NAME } from './second-pad.js'
import { link } from './syntax.js'
import { flip } from './video-direction.js'

/** How a camera's small size is made. */
export interface LowOutput {
  size: LowSize
  step: Exclude<LowStep, 'off'>
  encoder: Encoder
  ports: IngestPorts
}

const SESSION = 'low'

/** @param step undefined without a small size. */
export function lowOutputOf(
  camera: CameraConfig,
  machine: Machine,
  step: LowStep | undefined,
  ports: IngestPorts | undefined,
): LowOutput | undefined {
  const size = lowSizeOf(camera, machine)
  if (step === undefined || step === 'off' || ports === undefined || size === undefined || 'cause' in size)
    return undefined
  const encoder = lowEncoder(lowCamera(camera, size), machine)
  return 'cause' in encoder ? undefined : { size, step, encoder, ports }
}

/**
 * The small size, from frames to packets, in an RTP session of its own. It never delays the large size: its queue drops frames, and only
 * then are they scaled and encoded. With the same timestamp offset as the large size, one frame has one RTP timestamp in both.
 */
export function lowBranch(
  camera: CameraConfig,
  machine: Machine,
  { size, step, encoder, ports }: LowOutput,
  timestampOffset: number,
): string[] {
  const low = lowCamera(camera, size)
  const dimensions = `width=${size.width},height=${size.height}`
  const rate = `framerate=${fraction(size.fps)}`
  return [
    ...rtpSession(SESSION),
    ...link(
      ...(step === 'second-pad' ? secondPad(camera, encoder, dimensions) : [['raw.']]),
      latestFrameOnly,
      ['videorate', 'drop-only=true'],
      ...(step === 'second-pad'
        ? [[`video/x-raw,${rate}`]]
        : [
            ['videoscale', 'add-borders=false'],
            [`video/x-raw,${dimensions},${rate},pixel-aspect-ratio=1/1`],
          ]),
      ...flip(low),
      ...overlayElements(low, machine),
      encoderArguments(low, encoder, 1),
      packetise(encoder, lowSsrc(camera), timestampOffset),
      [`${SESSION}.send_rtp_sink`],
    ),
    ...rtpOutput(SESSION, ports),
  ]
}

/** Both pads of libcamerasrc have one frame rate and one colour space. */
function secondPad({ fps }: CameraConfig, { element }: Encoder, dimensions: string): string[][] {
  const format = element === 'v4l2h264enc' ? 'NV12' : 'I420'
  return [
    [`${SOURCE_NAME}.src_0`],
    [
      `video/x-raw,format=${format},${dimensions},framerate=${fraction(fps.max)},interlace-mode=progressive,colorimetry=bt709`,
    ],
  ]
}
