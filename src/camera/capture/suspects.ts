import type { CameraFailure } from '../camera-failure.js'

/** A setting that a driver may refuse. */
export type Suspect = 'low' | 'zero-copy' | 'field-of-view' | 'format' | 'encoder' | 'size'

/** What a failed start says about the settings. */
export interface Suspicion {
  /** Likeliest first. Empty if other settings would not help: the camera is missing, busy or not permitted. */
  suspects: readonly Suspect[]
  /** Whether the start was refused. Otherwise it only brought no frames, which happens to a camera that works, too. */
  isRefusal: boolean
}

const NONE: Suspicion = { suspects: [], isRefusal: false }

/** What these elements and libcamera print about one setting. */
const SENSOR_MODE = /sensor-config|sensor configuration/i
const SECOND_STREAM = /\bsrc_0\b|number of streams/
const IMPORT = /output-io-mode|dmabuf|failed to import/i
const LOW = /from element \S*video(?:scale|rate)\d|link video(?:scale|rate)\d/
const ENCODER = /from element \S*v4l2h264enc|property "[^"]+" in element "v4l2h264enc|link \S+ to v4l2h264enc/

/** Reads the failure of a start that brought no frames. @param stderr the last lines of the capture process. */
export function suspectsIn({ cause }: Pick<CameraFailure, 'cause'>, stderr: readonly string[]): Suspicion {
  const text = stderr.join('\n')
  if (SENSOR_MODE.test(text)) return { suspects: ['field-of-view'], isRefusal: true }
  if (SECOND_STREAM.test(text)) return { suspects: ['low', 'field-of-view'], isRefusal: true }
  if (LOW.test(text)) return { suspects: ['low'], isRefusal: true }
  if (ENCODER.test(text))
    return IMPORT.test(text)
      ? { suspects: ['zero-copy', 'low', 'encoder'], isRefusal: true }
      : { suspects: ['low', 'zero-copy', 'encoder', 'size', 'field-of-view'], isRefusal: true }
  switch (cause) {
    case 'not-negotiated':
      return { suspects: ['low', 'field-of-view', 'zero-copy', 'format', 'size', 'encoder'], isRefusal: true }
    case 'sensor-config-refused':
      return { suspects: ['field-of-view'], isRefusal: true }
    case 'second-stream-refused':
      return { suspects: ['low', 'field-of-view'], isRefusal: true }
    case 'encoder-busy':
    case 'encoder-refused':
      return { suspects: ['low', 'zero-copy', 'encoder', 'size'], isRefusal: true }
    case 'cma-exhausted': // the second stream and imported frames need more of it
    case 'camera-start': // libcamera: configure, allocate, start
      return { suspects: ['low', 'field-of-view', 'zero-copy', 'size'], isRefusal: true }
    case 'out-of-memory':
    case 'no-first-packet':
    case 'crashed':
    case 'unknown':
      return { suspects: ['low', 'zero-copy', 'field-of-view', 'encoder'], isRefusal: false }
    default:
      return NONE
  }
}
