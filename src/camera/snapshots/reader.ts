import type { Duplex } from 'node:stream'
import type { Log } from '../../log.js'
import { createGdpReader, type GdpPacket } from './gdp.js'

export interface Snapshot {
  readonly jpeg: Buffer<ArrayBuffer>
  /** When it was captured, as performance.now() tells time; never later than it was. */
  readonly capturedAtMs: number
}

/** A camera's pictures, from whichever process delivers them at present. */
export interface SnapshotReader {
  /** A process was started: its socket for pictures. */
  attach(pipe: Duplex): void
  /** The process that was attached last delivers: its clock runs. */
  delivering(): void
  /** The newest picture if it is not older than `notBeforeMs`, else the first that is not. Waits until `over`. */
  next(notBeforeMs: number, over: AbortSignal): Promise<Snapshot>
  /** Keeps pictures coming until it is disposed, for one who wants them all. */
  follow(): Disposable
}

/** Told from a picture by its length. */
const TOKEN = Buffer.alloc(1)

/**
 * Reads a capture process's pictures while somebody wants some. What waits in the socket meanwhile is old, so every
 * picture is judged by its time of capture. A pipeline counts time from a moment only it knows; a token that we send
 * through it and that comes back with its time tells us that moment, a few milliseconds early at worst.
 */
export function createSnapshotReader(log: Log): SnapshotReader {
  const waiting = new Set<{ notBeforeMs: number; resolve: (picture: Snapshot) => void }>()
  let followers = 0
  let pipe: Duplex | undefined
  let attachedAtMs = 0
  let tokenSentAtMs: number | undefined
  let originMs: number | undefined
  let latest: Snapshot | undefined

  const flow = (): void => {
    const isLearning = tokenSentAtMs !== undefined && originMs === undefined
    if (followers > 0 || waiting.size > 0 || isLearning) pipe?.resume()
    else pipe?.pause()
  }

  const sendToken = (): void => {
    tokenSentAtMs = performance.now()
    pipe?.write(TOKEN)
    flow()
  }

  const take = ({ kind, timestampMs, payload }: GdpPacket): void => {
    if (kind !== 'buffer') return
    if (payload.length === TOKEN.length) {
      // A pipeline that only starts has no time yet, or for a moment the machine's, which began long before it.
      const beganAtMs = tokenSentAtMs! - (timestampMs ?? Infinity)
      if (beganAtMs < attachedAtMs) return sendToken()
      originMs = beganAtMs
    } else if (originMs !== undefined && timestampMs !== undefined) {
      show({ jpeg: payload, capturedAtMs: originMs + timestampMs })
    }
    flow()
  }

  const show = (picture: Snapshot): void => {
    latest = picture
    for (const waiter of waiting) {
      if (picture.capturedAtMs >= waiter.notBeforeMs) waiter.resolve(picture)
    }
  }

  return {
    attach(attached) {
      pipe = attached
      attachedAtMs = performance.now()
      tokenSentAtMs = undefined
      originMs = undefined
      const read = createGdpReader(take)
      const stop = (why: unknown): void => {
        if (pipe !== attached) return
        pipe = undefined
        attached.pause()
        log.warn('the pictures of the capture process cannot be read', { error: String(why) })
      }
      attached.on('data', (piece: Buffer) => {
        try {
          if (pipe === attached) read(piece)
        } catch (error) {
          stop(error)
        }
      })
      flow()
    },
    delivering: sendToken,
    async next(notBeforeMs, over) {
      if (latest !== undefined && latest.capturedAtMs >= notBeforeMs) return latest
      return await new Promise((resolve) => {
        const leave = (): void => {
          waiting.delete(waiter)
          over.removeEventListener('abort', leave)
          flow()
        }
        const waiter = {
          notBeforeMs,
          resolve(picture: Snapshot) {
            leave()
            resolve(picture)
          },
        }
        waiting.add(waiter)
        over.addEventListener('abort', leave)
        flow()
      })
    },
    follow() {
      followers++
      flow()
      let followed = true
      return {
        [Symbol.dispose]() {
          if (followed) followers--
          followed = false
          flow()
        },
      }
    },
  }
}
