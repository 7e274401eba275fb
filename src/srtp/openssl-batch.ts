import { OpenSslAesCmStream } from './aes-cm-openssl.js'
import { AesGcmStream } from './aes-gcm.js'
import { SRTP_PROFILES } from './profile.js'
import { ReusedBuffer } from '../lib/reused-buffer.js'
import type { SessionKeys } from './key-derivation.js'
import type { ProtectedStream, SendDatagram, SrtpBatch } from './stream.js'

/** The fallback without SIMD. OpenSSL protects one packet at a time: 16 us of CPU for 1158 bytes, against 2 us with SIMD. */
export class OpenSslBatch implements SrtpBatch {
  readonly implementation = 'openssl'
  readonly profiles
  readonly #buffer = new ReusedBuffer()
  readonly #onFlush: () => void

  constructor(onFlush: () => void = () => {}, profiles = SRTP_PROFILES) {
    this.profiles = profiles
    this.#onFlush = onFlush
  }

  openAesCm(keys: SessionKeys, ssrc: number, send: SendDatagram): ProtectedStream {
    return new OpenSslAesCmStream(keys, ssrc, this.#buffer, send)
  }

  openAesGcm(keys: SessionKeys, ssrc: number, send: SendDatagram): ProtectedStream {
    return new AesGcmStream(keys, ssrc, this.#buffer, send)
  }

  /** HOT */
  flush(): void {
    this.#onFlush()
  }
}
