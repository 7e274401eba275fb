import type { CameraConfig } from '../../config/types.js'
import { videoDirection } from './video-direction.js'
import type { Machine } from './machine.js'
import { link } from './syntax.js'

/** The child's end of a socket pair: pictures go out by it, and what we send in comes back stamped. */
const SNAPSHOT_FD = 3

/**
 * JFIF means full range and the matrix of BT.601 (1:4:0:0), but between pictures of the same matrix videoconvert leaves
 * the range as it is (measured: white was 235). That of FCC differs by half a percent, and makes it convert.
 */
const jpegColours = '{(string)1:2:0:0,(string)1:4:0:0}'

/** Put behind the source, so that the branch can begin there. */
export const snapshotTee = ['tee', 'name=raw']

/**
 * A second way for the raw picture: JPEG, each with its time of capture, to whoever reads the socket. While nobody does,
 * fdsink waits, nothing is encoded, and the queue in front drops what comes without copying it.
 */
export function snapshotBranch(camera: CameraConfig): string[] {
  const direction = videoDirection(camera.flipMethod)
  return [
    ...link(
      ['raw.'],
      ['queue', 'max-size-buffers=1', 'max-size-bytes=0', 'max-size-time=0', 'leaky=downstream'],
      ...(direction === undefined ? [] : [['videoflip', `video-direction=${direction}`]]),
      // Always a copy, for no source delivers this: a camera has few buffers, and jpegenc would keep one while it waits.
      ['videoconvert'],
      [`video/x-raw,format=YV12,colorimetry=${jpegColours}`],
      ['jpegenc', 'quality=85'],
      ['funnel', 'name=pictures'],
      ['gdppay'],
      ['fdsink', `fd=${SNAPSHOT_FD}`, 'sync=false', 'async=false'],
    ),
    // Without a type of its own, what comes back before the first picture would fail in gdppay.
    ...link(['fdsrc', `fd=${SNAPSHOT_FD}`, 'do-timestamp=true'], ['application/octet-stream'], ['pictures.']),
  ]
}

const ELEMENTS = ['tee', 'videoconvert', 'jpegenc', 'funnel', 'gdppay', 'fdsink', 'fdsrc'] as const

/** The elements that the branch is made of and this machine lacks. Without them the camera plays, and has no pictures. */
export const missingForSnapshots = ({ elements }: Machine): string[] =>
  ELEMENTS.filter((element) => !elements.has(element))
