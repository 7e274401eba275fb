// @ts-check
/**
 * A secret of this tab. The server gives the slot of its earlier session to the next one of the same tab, so that a page that is
 * loaded again or was asleep is not kept out of a full camera. Inlined into the page: the first offer has it.
 */

/** @typedef {ReturnType<typeof openTab>} Tab */

/** @param {string} key of the storage @param {AbortSignal} [signal] ends it */
export function openTab(key, signal) {
  const options = signal && { signal }
  let id = reclaim() || create()
  // A duplicated tab copies the storage, so that it has the id only while the page is hidden or loaded again.
  document.addEventListener('visibilitychange', () => (document.hidden ? keep() : reclaim()), options)
  window.addEventListener('pagehide', keep, options)
  window.addEventListener('pageshow', reclaim, options)
  return {
    get id() {
      return id
    },
    /** For a tab whose id another one has. */
    renew: () => void (id = create()),
  }

  /** 144 random bits in base64url. crypto.randomUUID() needs https. */
  function create() {
    const bytes = crypto.getRandomValues(new Uint8Array(18))
    return btoa(String.fromCharCode(...bytes))
      .replace(/\+/g, '-')
      .replace(/\//g, '_')
  }

  /** @returns {string} the id of an earlier page in this tab, or "" */
  function reclaim() {
    try {
      const kept = sessionStorage.getItem(key) ?? ''
      sessionStorage.removeItem(key)
      return /^[\w-]{24}$/.test(kept) ? kept : ''
    } catch {
      return '' // the browser blocks storage
    }
  }

  function keep() {
    try {
      sessionStorage.setItem(key, id)
    } catch {
      // the browser blocks storage
    }
  }
}
