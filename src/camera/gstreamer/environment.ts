import type { Env } from '../../lib/env.js'

/**
 * Messages in the locale and form that capture/failure-table.ts expects, and libcamera's log reduced to warnings. When
 * debugging, levels that are already set take precedence.
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
