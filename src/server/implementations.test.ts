import { expect, test } from 'vitest'
import type { Implementations } from '../http/routes/metrics-facts.js'
import { silentLog } from '../log.js'
import { AEAD_AES_128_GCM, AES128_CM_HMAC_SHA1_80 } from '../srtp/profile.js'
import { implementationsOf, logImplementations } from './implementations.js'

const fast: Implementations = {
  srtp: 'simd',
  aes: { by: 'simd', profile: 'aes-cm' },
  udpSend: 'koffi',
}

function logged(implementations: Partial<Implementations>, unusable = {}): string[] {
  const lines: string[] = []
  const note = (level: string, message: string, about?: Record<string, unknown>): void =>
    void lines.push([level, message, ...(about === undefined ? [] : [JSON.stringify(about)])].join(' '))
  const log = {
    ...silentLog,
    info: (message: string, about?: Record<string, unknown>) => note('INFO', message, about),
    warn: (message: string, about?: Record<string, unknown>) => note('WARN', message, about),
  }
  const costs = { openssl: 4.444, simd: 2.25, aesCm: 6, aesGcm: 9 }
  logImplementations({ ...fast, ...implementations }, costs, unusable, log)
  return lines
}

test('each implementation is a line of the log, AES with the costs that decided', () =>
  expect(logged({})).toEqual([
    'INFO SRTP: WebAssembly SIMD',
    'INFO AES: WebAssembly; AES-CM is preferred {"microsecondsPerPacket":{"openssl":4.4,"simd":2.3,"aesCm":6,"aesGcm":9}}',
    'INFO UDP: several packets per system call, through koffi',
  ]))

test('without a library for several packets per system call, the log has the reason', () =>
  expect(logged({ udpSend: 'direct' }, { koffi: 'not installed' })).toContain(
    'INFO UDP: one system call per packet, which costs more CPU time {"unusable":{"koffi":"not installed"}}',
  ))

test('each fallback is a warning', () => {
  const aes = { by: 'openssl', profile: 'aes-gcm' } as const
  const [srtp, preferred, , udpSend, ...more] = logged({ srtp: 'openssl', aes, udpSend: 'documented' })
  expect(srtp).toMatch(/^WARN this CPU has no WebAssembly SIMD; SRTP uses OpenSSL/)
  expect(preferred).toMatch(/^INFO AES: OpenSSL; AES-GCM is preferred/)
  expect(udpSend).toMatch(/^WARN the direct UDP send does not fit this version of Node.js/)
  expect(more).toEqual([])
})

test('the preferred profile is the first of the choice', () => {
  const profiles = [AES128_CM_HMAC_SHA1_80, AEAD_AES_128_GCM] as const
  const choice = { implementation: 'simd', aes: 'openssl', profiles } as const
  expect(implementationsOf(choice, 'direct')).toEqual({
    srtp: 'simd',
    aes: { by: 'openssl', profile: 'aes-cm' },
    udpSend: 'direct',
  })
  expect(implementationsOf({ ...choice, profiles: [AEAD_AES_128_GCM] }, 'direct').aes.profile).toBe('aes-gcm')
})
