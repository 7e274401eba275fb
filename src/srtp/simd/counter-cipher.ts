import { createCipheriv, createSecretKey, type Cipher } from 'node:crypto'
import { detachBuffer } from '../../lib/detach-buffer.js'
import type { AesImplementation } from '../stream.js'
import { slicedKey } from './aes-key.js'
import type { SimdModule } from './module.js'

const BLOCK_BYTES = 16

/** AES-128 with the key of one stream. */
export interface CounterCipher {
  /** HOT: @param counters the counter blocks of the module, from the first one; they may change. @param keystream as long as they. */
  encrypt(counters: Buffer, keystream: Buffer): void
}

export const openCounterCipher = (aes: AesImplementation, module: SimdModule, key: Buffer): CounterCipher =>
  aes === 'openssl' ? new OpenSslCipher(key) : new SimdCipher(module, key)

class OpenSslCipher implements CounterCipher {
  readonly #cipher: Cipher

  constructor(key: Buffer) {
    this.#cipher = createCipheriv('aes-128-ecb', createSecretKey(key), null).setAutoPadding(false)
  }

  encrypt(counters: Buffer, keystream: Buffer): void {
    const made = this.#cipher.update(counters)
    keystream.set(made)
    detachBuffer(made)
  }
}

class SimdCipher implements CounterCipher {
  readonly #module: SimdModule
  readonly #key: Buffer

  constructor(module: SimdModule, key: Buffer) {
    this.#module = module
    this.#key = slicedKey(key)
  }

  encrypt(counters: Buffer, keystream: Buffer): void {
    this.#module.encryptCounters(this.#key, counters.length / BLOCK_BYTES)
    keystream.set(counters)
  }
}
