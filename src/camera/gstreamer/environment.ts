import type { CameraConfig } from '../../config/types.js'
import type { Env } from '../../lib/env.js'

/**
 * Messages in the locale and form that camera/failures expects, and libcamera's log reduced to warnings, and to the size
 * that it offers, which libcamera 0.0.3 logs as information. The first pattern that matches a category applies. When debugging, levels that are already set take precedence.
 */
export function gstEnvironment(env: Env, debug: boolean): Env {
  return {
    ...env,
    LC_ALL: 'C',
    GST_DEBUG_NO_COLOR: '1',
    LIBCAMERA_LOG_LEVELS: (debug ? env['LIBCAMERA_LOG_LEVELS'] : undefined) ?? 'Camera:INFO,*:WARN',
    LIBCAMERA_LOG_NO_COLOR: '1',
    ...(debug ? { GST_DEBUG: env['GST_DEBUG'] ?? '3' } : {}),
  }
}

/** libcamera reads the variable when it opens the sensor. The element has no such property in any version. */
export const tuningEnvironment = ({
  device,
  tuningFile,
}: Pick<CameraConfig, 'device' | 'tuningFile'>): Env =>
  device.kind === 'libcamera' && tuningFile !== undefined ? { LIBCAMERA_RPI_TUNING_FILE: tuningFile } : {}
