import { alignedInterval } from '../lib/aligned-interval.js'

export interface SlowReaderTiming {
  /** About a frame. All cameras are read in the same wake-up. */
  intervalMs: number
  /** Several keyframe intervals, during which it learns how much arrives between two reads. */
  observedMs: number
}

const TIMING: SlowReaderTiming = { intervalMs: 33, observedMs: 10_000 }
/** So many times what has arrived in one interval has to fit into the socket: a lost packet damages the keyframe of the next viewer. */
const ROOM = 3
/** Consecutive reads of nothing: the camera is off, or slow. */
const MAX_EMPTY = 30
/** What a datagram of up to 1500 bytes occupies in the kernel's receive buffer (`SKB_TRUESIZE`). */
const KERNEL_BYTES = 2304

/** The socket of a camera whose datagrams wake the event loop, and which can be read without being woken. */
export interface ReadableSocket {
  stopEvents(): void
  startEvents(): void
  /** Reads all that waits. @returns how many datagrams these were. */
  readWaiting(): number
  /** Datagrams read so far, in any way. */
  readonly datagrams: number
  receiveBufferBytes(): number
}

/**
 * Reads a camera that nobody watches at intervals. A frame consists of several datagrams, and each would wake the event loop, since it is
 * read before the next one arrives.
 */
export class SlowReader implements Disposable {
  readonly #socket: ReadableSocket
  readonly #timing: SlowReaderTiming
  #timer: Disposable | undefined
  #isSlow = false
  #room = 0
  #empty = 0

  constructor(socket: ReadableSocket, timing: SlowReaderTiming = TIMING) {
    this.#socket = socket
    this.#timing = timing
  }

  /** Nobody watches, or another sender begins while nobody watches. */
  slowDown(): void {
    this.wake()
    this.#empty = 0
    this.#room = this.#socket.receiveBufferBytes() / KERNEL_BYTES
    const { intervalMs, observedMs } = this.#timing
    let left = Math.ceil(observedMs / intervalMs)
    let last = this.#socket.datagrams
    let most = 0
    this.#timer = alignedInterval(intervalMs, () => {
      if (this.#isSlow) return this.#readSlowly()
      most = Math.max(most, this.#socket.datagrams - last)
      last = this.#socket.datagrams
      if (most * ROOM > this.#room) this.#stop()
      else if (--left <= 0) {
        this.#isSlow = true
        this.#socket.stopEvents()
      }
    })
  }

  #readSlowly(): void {
    const read = this.#socket.readWaiting()
    this.#empty = read === 0 ? this.#empty + 1 : 0
    // Either the next interval could bring more than there is room for, or events cost less.
    if (read * ROOM > 2 * this.#room || this.#empty === MAX_EMPTY) this.wake()
  }

  /** Somebody watches: what waits is read at once, and every datagram from now on. */
  wake(): void {
    const wasSlow = this.#isSlow
    this.#stop()
    if (!wasSlow) return
    this.#socket.readWaiting()
    this.#socket.startEvents()
  }

  #stop(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    this.#isSlow = false
  }

  [Symbol.dispose](): void {
    this.#stop()
  }
}
