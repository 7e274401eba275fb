// @ts-check
/** Loads a section again at intervals while it is shown. */

/** @param {() => Promise<unknown>} load @param {number} refreshMs */
export function refreshing(load, refreshMs) {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer
  return {
    /** Resolves when it is loaded. */
    async show() {
      timer = setInterval(() => {
        if (!document.hidden) load().catch(() => {}) // the next one may succeed
      }, refreshMs)
      await load()
    },
    hide: () => clearInterval(timer),
  }
}
