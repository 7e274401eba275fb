import type { Size } from '../sensors/sensor.js'
import { link } from './syntax.js'

/** The name of libcamerasrc in the pipeline, where it has a second pad. */
export const SOURCE_NAME = 'cam'

/**
 * A second stream, thrown away at once. One request to the camera needs a buffer of every stream, so none is kept here:
 * neither in the queue for long, nor as the sink's last sample. The rate has to be repeated, because libcamerasrc takes that of
 * its last pad, and 30 if there is none.
 */
export const secondPadBranch = ({ width, height }: Size, rate: string): string[] =>
  link(
    [`${SOURCE_NAME}.src_0`],
    [
      `video/x-raw,format=NV12,width=${width},height=${height},framerate=${rate},interlace-mode=progressive,colorimetry=bt709`,
    ],
    ['queue', 'max-size-buffers=1', 'max-size-bytes=0', 'max-size-time=0', 'leaky=downstream'],
    ['fakesink', 'sync=false', 'async=false', 'enable-last-sample=false'],
  )
