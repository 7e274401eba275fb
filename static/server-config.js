/** What the server says of itself and its cameras. The page's head has asked already: that answer is the first. */

import { backoffMs } from './backoff.js'
import { configAhead, fetchConfigOnce } from './head-start.js'

/** Does not give up: `onFailure(retryInMs)` is called before every further try. */
export async function fetchConfig(onFailure) {
  for (let failures = 0; ; failures++) {
    try {
      return await (failures === 0 ? configAhead : fetchConfigOnce('no-store'))
    } catch {
      const delayMs = backoffMs(failures)
      onFailure(delayMs)
      await pause(delayMs)
    }
  }
}

/** Ends early when the network comes back. */
const pause = (ms) =>
  new Promise((resolve) => {
    const over = new AbortController()
    const done = () => {
      over.abort()
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(done, ms)
    window.addEventListener('online', done, { signal: over.signal })
  })
