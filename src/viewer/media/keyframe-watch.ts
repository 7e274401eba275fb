import type { Sink } from '../../rtp/fanout.js'
import type { MediaPacket } from '../../rtp/packet.js'
import type { CameraStream } from './source.js'

/** A request may be lost, and an encoder that has just started makes its keyframe late. */
const REQUEST_AGAIN_MS = 1000

/** Waits for the next keyframe of a stream, and requests it. */
export class KeyframeWatch implements Sink, Disposable {
  readonly #onKeyframe: (keyframe: MediaPacket) => void
  readonly #subscription: Disposable
  readonly #watching: Disposable | undefined
  readonly #requests: NodeJS.Timeout
  #keyframe: MediaPacket | undefined

  /** @param onKeyframe gets its first packet, when the history has all that has arrived with it. */
  constructor(stream: CameraStream, onKeyframe: (keyframe: MediaPacket) => void) {
    this.#onKeyframe = onKeyframe
    this.#watching = stream.watch?.()
    this.#subscription = stream.fanout.add(this)
    this.#requests = setInterval(() => stream.requestKeyframe(), REQUEST_AGAIN_MS)
    stream.requestKeyframe()
  }

  /** HOT */
  send(packet: MediaPacket): void {
    if (packet.startsKeyframe) this.#keyframe ??= packet
  }

  /** HOT. Not in `send`: whoever goes over to this stream there would be sent that packet twice. */
  flush(): void {
    const keyframe = this.#keyframe
    if (keyframe === undefined) return
    this.#keyframe = undefined
    this.#onKeyframe(keyframe)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#requests)
    this.#subscription[Symbol.dispose]()
    this.#watching?.[Symbol.dispose]()
  }
}
