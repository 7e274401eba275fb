import type { Permission } from '../auth/permission.js'
import type { EventFeed } from './event-feed.js'

export const EVENT_STREAM_TYPE = 'text/event-stream'

export const eventStreamTiming = {
  /** Proxies close connections on which nothing is sent for a minute or less. */
  heartbeatMs: 15_000,
  /** A client that reads nothing for this long is disconnected. */
  stallMs: 60_000,
}
/** After a lost connection, in milliseconds. */
const RETRY = 'retry: 2000\n\n'
const HEARTBEAT = ': \n\n'

export interface EventStreamOptions {
  /** Which events the client may have. */
  permits: (needs: Permission) => boolean
  /** Called once, when the client leaves or stalls. */
  onEnd: (reason: 'left' | 'stalled') => void
  timing?: typeof eventStreamTiming
}

/**
 * The body of server-sent events (WHATWG HTML section 9.2): every state at first, then each one that changes. A slow client gets the
 * newest state, not all of them, so nothing queues.
 */
export function eventStream(
  feed: EventFeed,
  { permits, onEnd, timing = eventStreamTiming }: EventStreamOptions,
): ReadableStream<Uint8Array> {
  const seen = new Map<string, string>()
  let isOver = false
  let sentMs = performance.now()
  let stalled: NodeJS.Timeout | undefined
  /** Sends what is new to the client that waits for it. */
  let onCheck = (): void => {}
  const following = feed.follow(() => onCheck())

  const end = (reason: 'left' | 'stalled'): void => {
    if (isOver) return
    isOver = true
    clearTimeout(stalled)
    following[Symbol.dispose]()
    onEnd(reason)
  }

  /** @returns undefined if there is nothing to say yet. */
  const news = (): string | undefined => {
    const changes = feed.changesSince(seen, permits)
    if (changes.length === 0) return performance.now() - sentMs < timing.heartbeatMs ? undefined : HEARTBEAT
    const retry = seen.size === 0 ? RETRY : ''
    for (const [name, json] of changes) seen.set(name, json)
    return retry + changes.map(([name, json]) => `event: ${name}\ndata: ${json}\n\n`).join('')
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stalled)
        const text = await new Promise<string>((resolve) => {
          onCheck = () => {
            const found = news()
            if (found === undefined) return
            onCheck = () => {}
            resolve(found)
          }
          onCheck()
        })
        controller.enqueue(Buffer.from(text))
        sentMs = performance.now()
        stalled = setTimeout(() => end('stalled'), timing.stallMs).unref()
      },
      cancel: () => end('left'),
    },
    { highWaterMark: 0 },
  )
}
