import { ReusedBuffer } from '../../lib/reused-buffer.js'
import { AesCmStream } from './aes-cm.js'
import { AesGcmStream } from '../aes-gcm.js'
import { SimdLanes } from './lanes.js'
import { SRTP_PROFILES } from '../profile.js'
import type { SessionKeys } from '../key-derivation.js'
import type { AesImplementation, ProtectedStream, SendDatagram, SrtpBatch } from '../stream.js'

/** Authenticates four AES_CM packets at once in WebAssembly. AES-GCM packets do not wait. */
export class SimdBatch implements SrtpBatch {
  readonly implementation = 'simd'
  readonly profiles
  readonly #lanes = new SimdLanes()
  readonly #buffer = new ReusedBuffer()
  readonly #onFlush: () => void
  readonly #aes: AesImplementation

  constructor(onFlush: () => void = () => {}, aes: AesImplementation = 'openssl', profiles = SRTP_PROFILES) {
    this.profiles = profiles
    this.#onFlush = onFlush
    this.#aes = aes
  }

  openAesCm(keys: SessionKeys, ssrc: number, send: SendDatagram): ProtectedStream {
    return new AesCmStream(keys, ssrc, { lanes: this.#lanes, aes: this.#aes, send })
  }

  openAesGcm(keys: SessionKeys, ssrc: number, send: SendDatagram): ProtectedStream {
    return new AesGcmStream(keys, ssrc, this.#buffer, send)
  }

  /** HOT */
  flush(): void {
    this.#lanes.flush()
    this.#onFlush()
  }
}
