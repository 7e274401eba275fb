import type { RtpFields } from '../rtp-header.js'
import { openCounterCipher } from './counter-cipher.js'
import { Keystream } from './keystream.js'
import type { BatchStream, SimdLanes } from './lanes.js'
import type { SessionKeys } from '../key-derivation.js'
import type { AesImplementation, ProtectedStream, SendDatagram } from '../stream.js'

/** AES_CM_128_HMAC_SHA1_80 (RFC 3711). */
export class AesCmStream implements ProtectedStream {
  readonly #lanes: SimdLanes
  readonly #lane: BatchStream

  constructor(
    keys: SessionKeys,
    ssrc: number,
    { lanes, aes, send }: { lanes: SimdLanes; aes: AesImplementation; send: SendDatagram },
  ) {
    const { module } = lanes
    const cipher = openCounterCipher(aes, module, keys.encryption)
    this.#lanes = lanes
    this.#lane = {
      keystream: new Keystream(module, cipher, keys.salt, ssrc),
      key: module.hmacKey(keys.authentication),
      send,
    }
  }

  send(fields: RtpFields, payload: Buffer): void {
    this.#lanes.add(this.#lane, fields, payload)
  }
}
