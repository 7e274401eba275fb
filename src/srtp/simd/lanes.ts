import { AES_CM_TAG_BYTES } from '../profile.js'
import { headerBytesOf, packetIndexOf, writeHeader, type RtpFields } from '../rtp-header.js'
import { LANES, PAYLOAD_AT, ROC_BYTES } from './memory-layout.js'
import { SimdModule, type HmacKey } from './module.js'
import type { Keystream } from './keystream.js'
import { SendBuffer } from '../send-buffer.js'
import type { SendDatagram } from '../stream.js'
import { SubarrayCache } from '../subarray-cache.js'

/** What a packet in a lane is protected with, and where it goes. */
export interface LaneStream {
  keystream: Keystream
  key: HmacKey
  send: SendDatagram
}

/**
 * Protects packets with AES_CM_128_HMAC_SHA1_80 (RFC 3711), up to four at once: each is encrypted when it comes, and waits in
 * its lane until it is authenticated with the others. One camera's packet for many viewers is as long for each.
 */
export class SimdLanes {
  readonly module = new SimdModule()
  readonly buffer = new SendBuffer()
  readonly #sends: SendDatagram[] = []
  readonly #views = this.module.laneAt.map((at) => new SubarrayCache(this.module.bytes.subarray(at)))
  #waiting = 0
  /** How long what waits is, in bytes, its rollover counter included and its tag not. */
  #bytes = 0
  #payload: Buffer | undefined

  /** HOT: once per packet and viewer. It is sent with the fourth, or with `flush`. */
  add(stream: LaneStream, fields: RtpFields, payload: Buffer): void {
    const { module: kernel } = this
    const headerBytes = headerBytesOf(fields)
    const bytes = headerBytes + payload.length + ROC_BYTES
    if (bytes !== this.#bytes) this.flush()
    this.#bytes = bytes
    const lane = this.#waiting++
    const at = kernel.laneAt[lane]!
    writeHeader(kernel.bytes, at, fields)
    this.#encrypt(stream.keystream, at + headerBytes, packetIndexOf(fields), payload)
    this.#writeRollover(at + bytes - ROC_BYTES, fields.rollover)
    kernel.setKey(lane, stream.key)
    this.#sends[lane] = stream.send
    if (this.#waiting === LANES) this.flush()
  }

  /** HOT */
  #encrypt(keystream: Keystream, at: number, index: number, payload: Buffer): void {
    const { module: kernel } = this
    if (this.#payload !== payload) {
      kernel.bytes.set(payload, PAYLOAD_AT)
      this.#payload = payload
    }
    kernel.bytes.set(keystream.of(index, payload.length), at)
    kernel.xorPayload(at, payload.length)
  }

  /** HOT */
  #writeRollover(at: number, rollover: number): void {
    const { bytes } = this.module
    bytes[at] = rollover >>> 24
    bytes[at + 1] = rollover >>> 16
    bytes[at + 2] = rollover >>> 8
    bytes[at + 3] = rollover
  }

  /** HOT: sends what waits, in the order in which it came. */
  flush(): void {
    const waiting = this.#waiting
    if (waiting === 0) return
    this.#waiting = 0
    this.module.authenticate(this.#bytes)
    const { buffer } = this
    const datagramBytes = this.#bytes - ROC_BYTES + AES_CM_TAG_BYTES
    for (let lane = 0; lane < waiting; lane++) {
      const datagram = buffer.packet(datagramBytes)
      datagram.set(this.#views[lane]!.first(datagramBytes))
      if (!this.#sends[lane]!(datagram)) buffer.replace()
    }
  }
}
