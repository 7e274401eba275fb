/** All this file needs of a WebSocket of `ws`. */
export interface BinarySocket {
  readonly readyState: number
  readonly OPEN: number
  /** @param sent called when the kernel has the message, or it is lost. */
  send(bytes: Uint8Array, options: { binary: true }, sent: () => void): void
}

export interface MediaQueue {
  send(bytes: Uint8Array): void
  /** Of messages that the kernel has not accepted yet. */
  readonly unsentBytes: number
  /** The age of the oldest of them; 0 without any. */
  readonly lagMs: number
}

/** The binary messages of a WebSocket, with the age of what waits. The sender limits their number. */
export function createMediaQueue(socket: BinarySocket): MediaQueue {
  const waiting: { bytes: number; sinceMs: number }[] = []
  let unsentBytes = 0
  return {
    send(bytes) {
      if (socket.readyState !== socket.OPEN) return
      unsentBytes += bytes.length
      waiting.push({ bytes: bytes.length, sinceMs: performance.now() })
      socket.send(bytes, { binary: true }, () => (unsentBytes -= waiting.shift()?.bytes ?? 0))
    },
    get unsentBytes() {
      return unsentBytes
    },
    get lagMs() {
      const [oldest] = waiting
      return oldest === undefined ? 0 : performance.now() - oldest.sinceMs
    },
  }
}
