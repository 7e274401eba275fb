// @ts-check
/** Asks the server for the settings of a camera before a session, where the page has not brought them along. */

/**
 * @param {(signal: AbortSignal) => Promise<import('./tile-context.js').Prepared>} prepare rejects with a SessionError
 * @param {import('./tile-context.js').PrepareEvents} on one of them, unless the result is aborted before
 */
export function prepareSession(prepare, { ready, failed }) {
  const preparing = new AbortController()
  const { signal } = preparing
  prepare(signal).then(
    (settings) => signal.aborted || ready(settings),
    (error) => signal.aborted || failed(error),
  )
  return preparing
}
