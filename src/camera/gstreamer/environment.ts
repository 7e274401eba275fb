import type { Env } from '../../lib/env.js'

/**
 * The environment of GStreamer's programs: messages in the language and form that failure.ts reads, libcamera's chatter
 * down to warnings; when debugging, GStreamer's own log at level 3. Levels that were set hold when debugging.
 */
export function gstEnvironment(env: Env, debug: boolean): Env {
  return {
    ...env,
    LC_ALL: 'C',
    GST_DEBUG_NO_COLOR: '1',
    LIBCAMERA_LOG_LEVELS: (debug ? env['LIBCAMERA_LOG_LEVELS'] : undefined) ?? '*:WARN',
    LIBCAMERA_LOG_NO_COLOR: '1',
    ...(debug ? { GST_DEBUG: env['GST_DEBUG'] ?? '3' } : {}),
  }
}
