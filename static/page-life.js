// @ts-check
/** What happens to a page: it is hidden, comes back, loses its network or is left. */

/**
 * @param {object} on
 * @param {() => void} on.sleep the tab is hidden
 * @param {() => void} on.wake the tab is visible again, or the network is back
 * @param {() => void} on.leave the page is unloaded or enters the back-forward cache
 * @param {AbortSignal} [signal] ends it
 */
export function followPage({ sleep, wake, leave }, signal) {
  const options = signal && { signal }
  document.addEventListener('visibilitychange', () => (document.hidden ? sleep() : wake()), options)
  window.addEventListener('online', wake, options)
  window.addEventListener('pagehide', leave, options)
  window.addEventListener('pageshow', ({ persisted }) => persisted && wake(), options)
}
