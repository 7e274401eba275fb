import { ENCODER_FAILURES } from '../failures/encoder.js'
import { NEGOTIATION_FAILURES, PIPELINE_FAILURES } from '../failures/gstreamer.js'
import type { KnownFailure } from '../failures/known-failure.js'
import { LIBCAMERA_FAILURES, LIBCAMERA_START_FAILURES } from '../failures/libcamera.js'
import { SYSTEM_FAILURES } from '../failures/system.js'
import { V4L2_FAILURES } from '../failures/v4l2.js'

/**
 * Messages of GStreamer 1.22 to 1.28, libcamera 0.0.3 to 0.7.2 and the kernel in the C locale. The first row that matches
 * applies, so rows that name a reason come before rows that name what followed from it.
 */
export const SPECIFIC_FAILURES: readonly KnownFailure[] = [
  ...SYSTEM_FAILURES,
  ...PIPELINE_FAILURES,
  ...LIBCAMERA_FAILURES,
  ...ENCODER_FAILURES,
  ...V4L2_FAILURES,
]

/** What remains when nothing names a reason, such as exhausted memory. */
export const GENERAL_FAILURES: readonly KnownFailure[] = [
  ...LIBCAMERA_START_FAILURES,
  ...NEGOTIATION_FAILURES,
]
