import { isRtp, payloadTypeOf, ssrcOf } from '../packet.js'
import { isTransportStream } from './payload-format.js'

/** What else arrives at the port, apart from the accepted stream. */
export interface OtherSender {
  /** `stream`: another stream of the same program or machine. `mpeg-ts`, `not-rtp`: datagrams that are not RTP. */
  kind: 'stream' | 'mpeg-ts' | 'not-rtp'
  port: number
  payloadType: number
  isOtherSsrc: boolean
}

/** The last packets of a sender that was replaced are not a second sender. */
const MIN_DURATION_MS = 2000
const MIN_DATAGRAMS = 10
const MAX_PAUSE_MS = 2000

/** Recognises a sender that keeps sending beside the accepted one. */
export class OtherSenders {
  #last: OtherSender | undefined
  #datagrams = 0
  #firstAtMs = 0
  #lastAtMs = -Infinity

  note(datagram: Buffer, port: number, acceptedSsrc: number, nowMs: number): void {
    if (nowMs - this.#lastAtMs > MAX_PAUSE_MS) {
      this.#firstAtMs = nowMs
      this.#datagrams = 0
      this.#last = undefined
    }
    this.#lastAtMs = nowMs
    // Described once: the first of several others.
    if (this.#datagrams++ === 0) this.#last = describe(datagram, port, acceptedSsrc)
  }

  current(nowMs: number): OtherSender | undefined {
    const isLasting = this.#datagrams >= MIN_DATAGRAMS && this.#lastAtMs - this.#firstAtMs >= MIN_DURATION_MS
    return isLasting && nowMs - this.#lastAtMs <= MAX_PAUSE_MS ? this.#last : undefined
  }
}

function describe(datagram: Buffer, port: number, acceptedSsrc: number): OtherSender {
  if (isRtp(datagram)) {
    const isOtherSsrc = ssrcOf(datagram) !== acceptedSsrc
    return { kind: 'stream', port, payloadType: payloadTypeOf(datagram), isOtherSsrc }
  }
  return {
    kind: isTransportStream(datagram) ? 'mpeg-ts' : 'not-rtp',
    port,
    payloadType: 0,
    isOtherSsrc: false,
  }
}
