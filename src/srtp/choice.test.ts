import { expect, test } from 'vitest'
import { openSrtpBatch } from './batch.js'
import { cheapest, chooseSrtp, usualChoice } from './choice.js'
import { measureCosts } from './measure.js'
import { AEAD_AES_128_GCM as GCM, AES128_CM_HMAC_SHA1_80 as CM } from './profile.js'

const usual = { implementation: 'simd', aes: 'openssl', profiles: [CM, GCM] } as const

test.each([
  ['AES instructions', { openssl: 0.5, simd: 2.3, aesCm: 2, aesGcm: 9 }, 'openssl', [CM, GCM]],
  ['no AES instructions', { openssl: 4.5, simd: 2.3, aesCm: 6, aesGcm: 12 }, 'simd', [CM, GCM]],
  [
    'two ways that cost about the same',
    { openssl: 2.4, simd: 2.3, aesCm: 4, aesGcm: 4 },
    'openssl',
    [CM, GCM],
  ],
  ['a quick AES-GCM', { openssl: 4.5, simd: 2.3, aesCm: 6, aesGcm: 3 }, 'simd', [GCM, CM]],
  [
    'an AES-GCM quicker than one way only',
    { openssl: 4.5, simd: 2.3, aesCm: 6, aesGcm: 5 },
    'simd',
    [CM, GCM],
  ],
  ['no SIMD', { aesCm: 14, aesGcm: 9 }, 'openssl', [GCM, CM]],
  ['no SIMD, and a slow AES-GCM', { aesCm: 9, aesGcm: 14 }, 'openssl', [CM, GCM]],
] as const)('a processor with %s', (_, costs, aes, profiles) =>
  expect(cheapest(usual, costs)).toEqual({ implementation: 'simd', aes, profiles, costs }),
)

test('every way of this processor is measured, and a batch of the choice offers its profiles', async () => {
  const choice = await chooseSrtp()
  expect(Object.keys(choice.costs!).sort()).toEqual(['aesCm', 'aesGcm', 'openssl', 'simd'])
  for (const cost of Object.values(choice.costs!)) expect(cost).toBeGreaterThan(0)
  expect(choice).toEqual(cheapest(usualChoice(), choice.costs!))
  const profiles = [GCM, CM] as const
  expect(openSrtpBatch(undefined, { ...choice, profiles }).profiles).toEqual(profiles)
  expect(openSrtpBatch(undefined, { ...usual, implementation: 'openssl', profiles })).toMatchObject({
    implementation: 'openssl',
    profiles,
  })
})

test('without SIMD, WebAssembly is not measured', async () =>
  expect(Object.keys(await measureCosts('openssl')).sort()).toEqual(['aesCm', 'aesGcm']))
