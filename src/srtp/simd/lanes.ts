import { AES_CM_TAG_BYTES } from '../profile.js'
import { headerBytesOf, packetIndexOf, writeHeader, type RtpFields } from '../rtp-header.js'
import { LANES, PAYLOAD_AT, ROC_BYTES } from './memory-layout.js'
import { SimdModule, type HmacKey } from './module.js'
import type { Keystream } from './keystream.js'
import type { SendDatagram } from '../stream.js'
import { SubarrayCache } from '../../lib/subarray-cache.js'

export interface BatchStream {
  keystream: Keystream
  key: HmacKey
  send: SendDatagram
}

/**
 * AES_CM_128_HMAC_SHA1_80 (RFC 3711) for up to four packets of the same length. Each is encrypted at once, and waits in its lane to
 * be authenticated with the others. A camera's packet has the same length for every viewer.
 */
export class SimdLanes {
  readonly module = new SimdModule()
  readonly #sends: SendDatagram[] = []
  readonly #views = this.module.laneAt.map((at) => new SubarrayCache(this.module.bytes.subarray(at)))
  #waiting = 0
  /** Of each waiting packet, with its rollover counter, without its tag. */
  #bytes = 0
  #payload: Buffer | undefined

  /** HOT: once per packet and viewer. Sent with the fourth packet or with `flush`. */
  add(stream: BatchStream, fields: RtpFields, payload: Buffer): void {
    const { module } = this
    const headerBytes = headerBytesOf(fields)
    const bytes = headerBytes + payload.length + ROC_BYTES
    if (bytes !== this.#bytes) this.flush()
    this.#bytes = bytes
    const lane = this.#waiting++
    const at = module.laneAt[lane]!
    writeHeader(module.bytes, at, fields)
    this.#encrypt(stream.keystream, at + headerBytes, packetIndexOf(fields), payload)
    this.#writeRollover(at + bytes - ROC_BYTES, fields.rollover)
    module.setKey(lane, stream.key)
    this.#sends[lane] = stream.send
    if (this.#waiting === LANES) this.flush()
  }

  /** HOT */
  #encrypt(keystream: Keystream, at: number, index: number, payload: Buffer): void {
    const { module } = this
    if (this.#payload !== payload) {
      module.bytes.set(payload, PAYLOAD_AT)
      this.#payload = payload
    }
    module.bytes.set(keystream.of(index, payload.length), at)
    module.xorPayload(at, payload.length)
  }

  /** HOT */
  #writeRollover(at: number, rollover: number): void {
    const { bytes } = this.module
    bytes[at] = rollover >>> 24
    bytes[at + 1] = rollover >>> 16
    bytes[at + 2] = rollover >>> 8
    bytes[at + 3] = rollover
  }

  /** HOT */
  flush(): void {
    const waiting = this.#waiting
    if (waiting === 0) return
    this.#waiting = 0
    this.module.authenticate(this.#bytes)
    const datagramBytes = this.#bytes - ROC_BYTES + AES_CM_TAG_BYTES
    for (let lane = 0; lane < waiting; lane++) this.#sends[lane]!(this.#views[lane]!.first(datagramBytes))
  }
}
