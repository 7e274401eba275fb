import { describe, expect, expectTypeOf, test } from 'vitest'
import { propertyOf } from './key.js'
import { CONFIG_KEYS, FORMER_NAMES, KEYS, rowsOf, type TableKind } from './keys.js'
import { SECRET_KEYS } from './sensitive-keys.js'
import { defaultConfig } from './parse.js'
import type { Announced } from './announced.js'
import type { CameraConfig, Config } from './types.js'

const KINDS = Object.keys(CONFIG_KEYS) as TableKind[]

describe('the property of a key', () => {
  test.each([
    ['device', KEYS.camera.device, 'device'],
    ['webrtc-port', KEYS.camera['webrtc-port'], 'webrtcPort'],
    ['on-demand-close-after', KEYS.video['on-demand-close-after'], 'onDemandCloseAfterMs'],
    ['request-timeout-seconds', KEYS.limits['request-timeout-seconds'], 'requestTimeoutMs'],
    ['offers-per-second', KEYS.limits['offers-per-second'], 'offersPerSecond'],
    ['max-connections-per-address', KEYS.limits['max-connections-per-address'], 'maxConnectionsPerAddress'],
  ])('%s', (name, row, property) => expect(propertyOf(name, row)).toBe(property))

  test('has the type that the row gives it', () => {
    expectTypeOf<Config['server']['webPort']>().toEqualTypeOf<number>()
    expectTypeOf<Config['server']['piIp']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Config['webrtc']['udpBindIp']>().toEqualTypeOf<string>()
    expectTypeOf<Config['webrtc']['announce']>().toEqualTypeOf<Announced[]>()
    expectTypeOf<CameraConfig['webrtcPort']>().toEqualTypeOf<number>()
    expectTypeOf<CameraConfig['codec']>().toEqualTypeOf<'vp8' | 'h264'>()
    expectTypeOf<CameraConfig>().toHaveProperty('onDemandCloseAfterMs').toEqualTypeOf<number>()
  })
})

test('every key is a property of the configuration', () => {
  const { server, cameras, webrtc, rtsp, limits } = defaultConfig()
  const propertiesIn = (kind: TableKind): string[] =>
    Object.entries(rowsOf(kind))
      .map(([name, row]) => propertyOf(name, row))
      .sort()
  expect(propertiesIn('webrtc')).toEqual(Object.keys(webrtc).sort())
  expect(propertiesIn('rtsp')).toEqual(Object.keys(rtsp).sort())
  expect(propertiesIn('limits')).toEqual(Object.keys(limits).sort())
  expect([...propertiesIn('camera'), 'key'].sort()).toEqual(Object.keys(cameras[0]!).sort())
  expect(propertiesIn('server')).toEqual(
    expect.arrayContaining(Object.keys(server).filter((name) => name !== 'tls' && name !== 'access')),
  )
})

test('a camera may override every key of [video]', () =>
  expect(CONFIG_KEYS.camera).toEqual(expect.arrayContaining([...CONFIG_KEYS.video])))

test('a former name is not the name of another key', () => {
  const formerNames = KINDS.flatMap((kind) => [...FORMER_NAMES[kind].keys()])
  expect(formerNames.filter((name) => Object.values(CONFIG_KEYS).flat().includes(name))).toEqual([])
})

test('passwords, tokens, the tables of pushes and what a TURN server knows a client by are secret', () =>
  expect(SECRET_KEYS).toEqual([
    'password',
    'token',
    'turn-secret',
    'turn-username',
    'turn-password',
    'whip-token',
    'push',
  ]))
