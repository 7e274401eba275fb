/** What the arguments of gst-launch-1.0 tell of a pipeline that failed. */
export interface PipelineFacts {
  source: 'libcamera' | 'v4l2' | 'other'
  /** The encoder's element; undefined if the pipeline has none. */
  encoder: string | undefined
  /** Whether the camera delivers JPEGs that are decoded. */
  decodesJpeg: boolean
}

export const UNKNOWN_PIPELINE: PipelineFacts = { source: 'other', encoder: undefined, decodesJpeg: false }

const ENCODER = /^(?:v4l2h264enc|x264enc|openh264enc|vp8enc)$/

/** @param args of gst-launch-1.0, one element, property or `!` each. */
export function pipelineFacts(args: readonly string[]): PipelineFacts {
  const isLibcamera = args.includes('libcamerasrc')
  const isV4l2 = args.includes('v4l2src')
  return {
    source: isLibcamera ? 'libcamera' : isV4l2 ? 'v4l2' : 'other',
    encoder: args.find((argument) => ENCODER.test(argument)),
    decodesJpeg: args.includes('jpegdec'),
  }
}
