import type { Sink } from '../../rtp/fanout.js'
import type { MediaPacket } from '../../rtp/packet.js'
import type { SendPath } from './delivery.js'
import type { OutgoingStream } from './outgoing-stream.js'

/** Over TCP nothing is lost, only delayed: what the path has no room for is skipped, or the sound would lag more and more. */
export class AudioSink implements Sink {
  readonly #outgoing: OutgoingStream
  readonly #path: SendPath
  #isSkipping = false

  constructor(outgoing: OutgoingStream, path: SendPath) {
    this.#outgoing = outgoing
    this.#path = path
  }

  /** HOT: once per packet of sound and viewer. */
  send(packet: MediaPacket): void {
    if (this.#path.transport === 'tcp' && !this.#path.hasRoom()) {
      this.#isSkipping = true
      return
    }
    if (this.#isSkipping) this.#outgoing.continueAt(packet.index)
    this.#isSkipping = false
    this.#outgoing.send(packet)
  }

  /** HOT */
  flush(): void {
    this.#outgoing.flush()
  }
}
