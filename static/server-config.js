/** What the server says of itself and its cameras. The page's head has asked already; the first fetch takes that answer. */

import { backoffMs } from './backoff.js'

/** Does not give up: `onFailure(retryInMs)` is called before every further try. */
export async function fetchConfig(onFailure) {
  for (let failures = 0; ; failures++) {
    try {
      return await fetchOnce(failures === 0 ? 'default' : 'no-store')
    } catch {
      const delayMs = backoffMs(failures)
      onFailure(delayMs)
      await pause(delayMs)
    }
  }
}

async function fetchOnce(cache) {
  const response = await fetch('/api/config', { cache })
  if (!response.ok) throw new Error(`/api/config answers ${response.status}`)
  return await response.json()
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
