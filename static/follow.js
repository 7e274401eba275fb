// @ts-check
/** Follows the configuration of the server, and reloads the page for a new version of the program. */

/** @typedef {Omit<import('../src/http/routes/client-config-answer.js').ConfigAnswer, 'ice_servers' | 'may_administer'>} FollowedConfig */

/** After the server refused the events: it is full, or the credentials are void. */
const retryMs = 30_000
/** Somebody who touched the page this long ago may be using it. */
const untouchedMs = 10_000
const inputs = ['pointerdown', 'pointermove', 'wheel', 'keydown', 'touchstart']

/**
 * Calls back with the configuration at first and after every change. A hidden page disconnects: a browser opens six connections to a
 * server, for all of its tabs.
 * @param {URL} root of the server
 * @param {(config: FollowedConfig) => void} onConfig
 */
export function followConfig(root, onConfig) {
  /** @type {EventSource | undefined} */
  let source
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry

  function close() {
    clearTimeout(retry)
    source?.close()
    source = undefined
  }

  function open() {
    close()
    source = new EventSource(new URL('api/events', root))
    source.addEventListener('config', ({ data }) => onConfig(JSON.parse(data)))
    source.addEventListener('error', () => {
      // The browser reconnects by itself, unless the server answered with an error.
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, retryMs)
    })
  }

  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()))
  if (!document.hidden) open()
}

/** Reloads the page when nobody uses it. A page with a recent input, an open panel, full screen or a small window is in use. */
export function reloadWhenUnused() {
  let touchedMs = performance.now()
  for (const name of inputs)
    addEventListener(name, () => (touchedMs = performance.now()), { passive: true, capture: true })
  setInterval(() => {
    const isUsed =
      performance.now() - touchedMs < untouchedMs ||
      document.querySelector('dialog[open]') ||
      document.fullscreenElement ||
      document.pictureInPictureElement
    if (!isUsed) location.reload()
  }, 1000)
}
