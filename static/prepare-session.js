// @ts-check
/** Asks the server for the settings of a camera before a session, where the page has not brought them along. */

/**
 * @param {Pick<import('./tile-context.js').TileContext, 'prepare'>} context
 * @param {object} on one of them, unless the result is aborted before
 * @param {(settings: import('./tile-context.js').Prepared) => void} on.ready
 * @param {(error: import('./session.js').SessionError) => void} on.failed
 */
export function prepareSession({ prepare }, { ready, failed }) {
  const preparing = new AbortController()
  const { signal } = preparing
  prepare?.(signal).then(
    (settings) => signal.aborted || ready(settings),
    (error) => signal.aborted || failed(error),
  )
  return preparing
}
