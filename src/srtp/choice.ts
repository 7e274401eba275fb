import { isSimdSupported } from './simd/module-code.js'
import { measureCosts } from './measure.js'
import { AEAD_AES_128_GCM, AES128_CM_HMAC_SHA1_80, SRTP_PROFILES, type SrtpProfile } from './profile.js'
import type { SrtpChoice, SrtpCosts, SrtpImplementation } from './stream.js'

/** Less is within the error of a short measurement. */
const MIN_GAIN = 0.1

/** V8 has no SIMD on x86 without SSE4.1 and on ARM without NEON. */
const implementation = (): SrtpImplementation => (isSimdSupported() ? 'simd' : 'openssl')

/** What is used until something else has been measured. */
export const usualChoice = (): SrtpChoice => ({
  implementation: implementation(),
  aes: 'openssl',
  profiles: SRTP_PROFILES,
})

/**
 * Chooses by measuring what the processor can: AES instructions, and carry-less multiplication for the GHASH of AES-GCM. It takes some
 * milliseconds of CPU time, in slices.
 */
export async function chooseSrtp(): Promise<SrtpChoice> {
  const usual = usualChoice()
  return cheapest(usual, await measureCosts(usual.implementation))
}

/** Another choice than the usual one has to be clearly cheaper. */
export function cheapest(usual: SrtpChoice, costs: SrtpCosts): SrtpChoice {
  const isCheaper = (cost: number, than: number): boolean => cost < than * (1 - MIN_GAIN)
  const { aesCm, aesGcm, openssl = 0, simd = Infinity } = costs
  const aes = isCheaper(simd, openssl) ? 'simd' : 'openssl'
  const profiles: readonly SrtpProfile[] = isCheaper(aesGcm, aesCm - openssl + Math.min(openssl, simd))
    ? [AEAD_AES_128_GCM, AES128_CM_HMAC_SHA1_80]
    : SRTP_PROFILES
  return { ...usual, aes, profiles, costs }
}
