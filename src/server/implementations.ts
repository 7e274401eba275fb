import type { Implementations } from '../http/routes/metrics-facts.js'
import type { Log } from '../log.js'
import { AES128_CM_HMAC_SHA1_80 } from '../srtp/profile.js'
import type { SrtpChoice, SrtpCosts } from '../srtp/stream.js'
import type { OpenedBatches } from '../udp/open.js'

export const implementationsOf = (
  { implementation, aes, profiles }: SrtpChoice,
  udpSend: Implementations['udpSend'],
): Implementations => ({
  srtp: implementation,
  aes: { by: aes, profile: profiles[0] === AES128_CM_HMAC_SHA1_80 ? 'aes-cm' : 'aes-gcm' },
  udpSend,
})

/** Logs which implementations protect and send packets; with a fallback every packet costs more. */
export function logImplementations(
  { srtp, aes, udpSend }: Implementations,
  costs: SrtpCosts | undefined,
  unusable: OpenedBatches['unusable'],
  log: Log,
): void {
  if (srtp === 'simd') log.info('SRTP: WebAssembly SIMD')
  else log.warn('this CPU has no WebAssembly SIMD; SRTP uses OpenSSL, which costs more CPU time per packet')
  const by = aes.by === 'simd' ? 'WebAssembly' : 'OpenSSL'
  const profile = aes.profile === 'aes-cm' ? 'AES-CM' : 'AES-GCM'
  log.info(`AES: ${by}; ${profile} is preferred`, { microsecondsPerPacket: costs && rounded(costs) })
  if (udpSend === 'koffi' || udpSend === 'node:ffi')
    log.info(`UDP: several packets per system call, through ${udpSend}`)
  else log.info('UDP: one system call per packet, which costs more CPU time', { unusable })
  if (udpSend === 'documented')
    log.warn(
      'the direct UDP send does not fit this version of Node.js; packets cost about 20 % more CPU time',
    )
}

const rounded = (costs: SrtpCosts): Record<string, number> =>
  Object.fromEntries(Object.entries(costs).map(([way, cost]) => [way, Math.round(cost * 10) / 10]))
