import type { Duplex } from 'node:stream'
import type { Log } from '../../log.js'
import { createGdpReader, type GdpPacket } from './gdp.js'

export interface Snapshot {
  readonly jpeg: Buffer<ArrayBuffer>
  /** On the clock of performance.now(); never later than the capture. */
  readonly capturedAtMs: number
}

/** Reads the snapshots of whichever capture process is running. */
export interface SnapshotReader {
  /** Called with the snapshot socket of each process that starts. */
  attach(pipe: Duplex): void
  /** Called when that process delivers packets, so its clock runs. */
  delivering(): void
  /** The latest snapshot if it is not older than `notBeforeMs`, else the next one that is not. Pending until `signal` aborts. */
  next(notBeforeMs: number, signal: AbortSignal): Promise<Snapshot>
  /** Keeps reading until disposed, for a client that wants every snapshot. */
  follow(): Disposable
}

/** Distinguished from a JPEG by its length. */
const TOKEN = Buffer.alloc(1)

/**
 * Reads the socket only on demand, so what it contains may be old and each snapshot is checked by its capture time.
 * Pipeline timestamps start at an unknown moment. A token sent through the pipeline returns with a timestamp, which
 * yields that moment, at worst a few milliseconds early.
 */
export function createSnapshotReader(log: Log): SnapshotReader {
  const waiting = new Set<{ notBeforeMs: number; resolve: (snapshot: Snapshot) => void }>()
  let followers = 0
  let pipe: Duplex | undefined
  let attachedAtMs = 0
  let tokenSentAtMs: number | undefined
  let originMs: number | undefined
  let latest: Snapshot | undefined

  const updateFlow = (): void => {
    const isSynchronising = tokenSentAtMs !== undefined && originMs === undefined
    if (followers > 0 || waiting.size > 0 || isSynchronising) pipe?.resume()
    else pipe?.pause()
  }

  const sendToken = (): void => {
    tokenSentAtMs = performance.now()
    pipe?.write(TOKEN)
    updateFlow()
  }

  const onPacket = ({ kind, timestampMs, payload }: GdpPacket): void => {
    if (kind !== 'buffer') return
    if (payload.length === TOKEN.length) {
      // A starting pipeline has no time yet, or briefly the system's, whose origin is much earlier.
      const startedAtMs = tokenSentAtMs! - (timestampMs ?? Infinity)
      if (startedAtMs < attachedAtMs) return sendToken()
      originMs = startedAtMs
    } else if (originMs !== undefined && timestampMs !== undefined) {
      publish({ jpeg: payload, capturedAtMs: originMs + timestampMs })
    }
    updateFlow()
  }

  const publish = (snapshot: Snapshot): void => {
    latest = snapshot
    for (const waiter of waiting) {
      if (snapshot.capturedAtMs >= waiter.notBeforeMs) waiter.resolve(snapshot)
    }
  }

  return {
    attach(attached) {
      pipe = attached
      attachedAtMs = performance.now()
      tokenSentAtMs = undefined
      originMs = undefined
      const read = createGdpReader(onPacket)
      const stop = (error: unknown): void => {
        if (pipe !== attached) return
        pipe = undefined
        attached.pause()
        log.warn('cannot parse the snapshots of the capture process', { error: String(error) })
      }
      attached.on('data', (chunk: Buffer) => {
        try {
          if (pipe === attached) read(chunk)
        } catch (error) {
          stop(error)
        }
      })
      updateFlow()
    },
    delivering: sendToken,
    async next(notBeforeMs, signal) {
      if (latest !== undefined && latest.capturedAtMs >= notBeforeMs) return latest
      return await new Promise((resolve) => {
        const leave = (): void => {
          waiting.delete(waiter)
          signal.removeEventListener('abort', leave)
          updateFlow()
        }
        const waiter = {
          notBeforeMs,
          resolve(snapshot: Snapshot) {
            leave()
            resolve(snapshot)
          },
        }
        waiting.add(waiter)
        signal.addEventListener('abort', leave)
        updateFlow()
      })
    },
    follow() {
      followers++
      updateFlow()
      let isFollowing = true
      return {
        [Symbol.dispose]() {
          if (isFollowing) followers--
          isFollowing = false
          updateFlow()
        },
      }
    },
  }
}
