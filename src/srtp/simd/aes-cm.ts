import type { RtpFields } from '../rtp-header.js'
import { Keystream } from './keystream.js'
import type { BatchStream, SimdLanes } from './lanes.js'
import type { SessionKeys } from '../key-derivation.js'
import type { ProtectedStream, SendDatagram } from '../stream.js'

/** AES_CM_128_HMAC_SHA1_80 (RFC 3711). */
export class AesCmStream implements ProtectedStream {
  readonly #lanes: SimdLanes
  readonly #lane: BatchStream

  constructor(keys: SessionKeys, ssrc: number, lanes: SimdLanes, send: SendDatagram) {
    const { module } = lanes
    this.#lanes = lanes
    this.#lane = {
      keystream: new Keystream(module, keys.encryption, keys.salt, ssrc),
      key: module.hmacKey(keys.authentication),
      send,
    }
  }

  send(fields: RtpFields, payload: Buffer): void {
    this.#lanes.add(this.#lane, fields, payload)
  }
}
