import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { OpenSslBatch } from './openssl-batch.js'
import { AEAD_AES_128_GCM, AES128_CM_HMAC_SHA1_80, type SrtpProfile } from './profile.js'
import { SrtpSender } from './sender.js'
import { openCounterCipher } from './simd/counter-cipher.js'
import { SimdBatch } from './simd/simd-batch.js'
import { SimdModule } from './simd/module.js'
import type { AesImplementation, SrtpBatch, SrtpCosts, SrtpImplementation } from './stream.js'

const PACKETS = 8
const PAYLOAD_BYTES = 1158
/** The keystream of a packet is made of whole blocks of 16 bytes. */
const KEYSTREAM_BYTES = 1168
/** V8 compiles WebAssembly better while it runs, in another thread: the pauses give it time. */
const ROUNDS = 25
const PAUSE_MS = 3

/** The cost of every way that this processor has. The best of some rounds is not disturbed by others. */
export async function measureCosts(implementation: SrtpImplementation): Promise<SrtpCosts> {
  const isSimd = implementation === 'simd'
  const costs: SrtpCosts = { aesCm: Infinity, aesGcm: Infinity }
  const ways: { [way in keyof SrtpCosts]: () => void } = {
    aesCm: protect(isSimd ? new SimdBatch() : new OpenSslBatch(), AES128_CM_HMAC_SHA1_80),
    aesGcm: protect(new OpenSslBatch(), AEAD_AES_128_GCM),
    ...(isSimd ? { openssl: encrypt('openssl'), simd: encrypt('simd') } : {}),
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [way, run] of Object.entries(ways) as [keyof SrtpCosts, () => void][])
      costs[way] = Math.min(costs[way] ?? Infinity, microsecondsOf(run) / PACKETS)
    await sleep(PAUSE_MS)
  }
  return costs
}

function microsecondsOf(run: () => void): number {
  const startedMs = performance.now()
  run()
  return (performance.now() - startedMs) * 1000
}

/** @returns protects some packets of one viewer. */
function protect(batch: SrtpBatch, profile: SrtpProfile): () => void {
  const keys = { masterKey: randomBytes(16), masterSalt: randomBytes(profile === AEAD_AES_128_GCM ? 12 : 14) }
  const sender = new SrtpSender({ profile, ...keys }, batch, () => true)
  const payload = randomBytes(PAYLOAD_BYTES)
  const fields = { payloadType: 96, marker: false, rollover: 0, timestamp: 0, ssrc: 1, extension: undefined }
  let sequence = 0
  return () => {
    for (let i = 0; i < PACKETS; i++) sender.sendRtp({ ...fields, sequence: sequence++ }, payload)
    sender.flush()
  }
}

/** @returns makes the keystream of some packets. */
function encrypt(aes: AesImplementation): () => void {
  const module = new SimdModule()
  const cipher = openCounterCipher(aes, module, randomBytes(16))
  const counters = module.counters(PACKETS * KEYSTREAM_BYTES)
  const keystream = Buffer.alloc(PACKETS * KEYSTREAM_BYTES)
  return () => cipher.encrypt(counters, keystream)
}
