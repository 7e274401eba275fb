import { isSimdSupported } from './simd/module-code.js'
import { OpenSslBatch } from './openssl-batch.js'
import { SimdBatch } from './simd/simd-batch.js'
import type { SrtpBatch, SrtpImplementation } from './stream.js'

let chosen: SrtpImplementation | undefined

/** V8 has no SIMD on x86 without SSE4.1 and on ARM without NEON. */
export const srtpImplementation = (): SrtpImplementation =>
  (chosen ??= isSimdSupported() ? 'simd' : 'openssl')

/** @param onFlush sends the datagrams that wait below. */
export const openSrtpBatch = (onFlush?: () => void): SrtpBatch =>
  srtpImplementation() === 'simd' ? new SimdBatch(onFlush) : new OpenSslBatch(onFlush)
