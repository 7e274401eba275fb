import { usualChoice } from './choice.js'
import { OpenSslBatch } from './openssl-batch.js'
import { SimdBatch } from './simd/simd-batch.js'
import type { SrtpBatch, SrtpChoice } from './stream.js'

/** @param onFlush sends the datagrams that wait below. */
export const openSrtpBatch = (
  onFlush?: () => void,
  { implementation, aes, profiles }: SrtpChoice = usualChoice(),
): SrtpBatch =>
  implementation === 'simd' ? new SimdBatch(onFlush, aes, profiles) : new OpenSslBatch(onFlush, profiles)
