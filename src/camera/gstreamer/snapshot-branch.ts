import type { CameraConfig } from '../../config/types.js'
import { overlayElements } from './overlay.js'
import { flip } from './video-direction.js'
import type { Machine } from './machine.js'
import { latestFrameOnly } from './rtp-output.js'
import { link } from './syntax.js'

/** The child's end of a socket pair: it carries snapshots, and returns what we send with a timestamp. */
const SNAPSHOT_FD = 3

/**
 * JFIF means full range and the BT.601 matrix (1:4:0:0), but videoconvert keeps the range if the matrix does not change
 * (measured: white was 235). The FCC matrix (1:2:0:0) differs by half a percent and forces the conversion.
 */
const jpegColours = '{(string)1:2:0:0,(string)1:4:0:0}'

export const snapshotTee = ['tee', 'name=raw']

/**
 * Raw frames to JPEG with their capture time, to the snapshot socket. While the socket is not read, fdsink blocks, nothing
 * is encoded, and the queue drops frames without copying them.
 */
export function snapshotBranch(camera: CameraConfig, machine: Machine): string[] {
  const [gdppay, ...sink] = toSocket
  return [
    ...link(['raw.'], ...toJpeg(camera, machine, 85), ['funnel', 'name=pictures'], gdppay, ...sink),
    // Without caps, a token before the first frame would fail in gdppay.
    ...link(['fdsrc', `fd=${SNAPSHOT_FD}`, 'do-timestamp=true'], ['application/octet-stream'], ['pictures.']),
  ]
}

/** From raw frames to JPEGs on the snapshot socket, for a pipeline that has nothing else. */
export const jpegElements = (camera: CameraConfig, machine: Machine, quality: number): string[][] => [
  ...toJpeg(camera, machine, quality),
  ...toSocket,
]

function toJpeg(camera: CameraConfig, machine: Machine, quality: number): string[][] {
  return [
    latestFrameOnly,
    ...flip(camera),
    ...overlayElements(camera, machine),
    // Always copies, because no source delivers this format: jpegenc would hold one of the few buffers of the camera.
    ['videoconvert'],
    [`video/x-raw,format=YV12,colorimetry=${jpegColours}`],
    ['jpegenc', `quality=${quality}`],
  ]
}

const toSocket: [string[], string[]] = [
  ['gdppay'],
  ['fdsink', `fd=${SNAPSHOT_FD}`, 'sync=false', 'async=false'],
]

const ELEMENTS = ['tee', 'videoconvert', 'jpegenc', 'funnel', 'gdppay', 'fdsink', 'fdsrc'] as const

export const missingForSnapshots = ({ elements }: Machine): string[] =>
  ELEMENTS.filter((element) => !elements.has(element))
