import { expect, test } from 'vitest'
import { exampleSystem } from '../../test/fakes/system.js'
import { defaultConfig } from '../config/parse.js'
import type { Config } from '../config/types.js'
import {
  assessAnnounced,
  assessForwarding,
  assessIpv6,
  assessMapping,
  assessPublicAddress,
  assessTurn,
  diagnoseFromOutside,
  type Outside,
} from './from-outside.js'
import { formatReport } from './report.js'

const config = (about: Partial<Config['webrtc']> = {}): Config => {
  const { webrtc, ...rest } = defaultConfig()
  return { ...rest, webrtc: { ...webrtc, udpPort: 8189, ...about } }
}
const mapped = (address: string, port = 8189, second?: number): Outside['mapping'] => ({
  kind: 'answered',
  port: 8189,
  mapped: { address, port },
  second: second === undefined ? undefined : { address, port: second },
})
const home = (about: Partial<Outside> = {}): Outside => ({
  mapping: mapped('203.0.113.7', 8189, 8189),
  router: { interface: 'eth0', gateway: '192.168.1.1' },
  inner: ['192.168.1.1'],
  own: ['192.168.1.20', 'fe80::1'],
  local: '192.168.1.20',
  ...about,
})

test.each<[title: string, about: Partial<Outside>, status: string, text: string]>([
  ['a home network', {}, 'ok', '203.0.113.7'],
  ['a rented server', { own: ['203.0.113.7'] }, 'ok', 'no router translates it'],
  ['a shared address', { mapping: mapped('100.64.1.2') }, 'warning', 'carrier-grade NAT'],
  [
    'a provider with a router of its own',
    { inner: ['192.168.1.1', '100.64.0.1'] },
    'warning',
    'carrier-grade NAT',
  ],
  [
    'two routers at home',
    { inner: ['192.168.1.1', '192.168.0.1'] },
    'warning',
    'behind 2 routers (192.168.1.1, 192.168.0.1)',
  ],
  ['a STUN server at home', { mapping: mapped('192.168.1.20') }, 'warning', 'is private'],
  ['a silent STUN server', { mapping: { kind: 'silent' } }, 'warning', 'does not respond'],
])('the public address of %s', (_title, about, status, text) => {
  const check = assessPublicAddress(config({ stunServer: 'stun:stun.example.org:3478' }), home(about))
  expect([check.status, check.detail]).toEqual([status, expect.stringContaining(text)])
})

test('without a STUN server the public address is unknown', () =>
  expect(assessPublicAddress(config({ stunServer: undefined }), home())).toMatchObject({
    status: 'warning',
    hint: 'Set webrtc.stun-server',
  }))

test.each<[title: string, mapping: Outside['mapping'], status: string, text: string]>([
  [
    'keeps the port for all',
    mapped('203.0.113.7', 8189, 8189),
    'ok',
    'keeps the port number 8189, for every destination',
  ],
  [
    'maps it to another one for all',
    mapped('203.0.113.7', 40_000, 40_000),
    'ok',
    'shows port 8189 as 40000, for every destination',
  ],
  [
    'maps it differently for each destination',
    mapped('203.0.113.7', 40_000, 40_001),
    'warning',
    'as 40001: viewers cannot connect without',
  ],
  ['was asked once', mapped('203.0.113.7'), 'ok', 'is unknown'],
])('a router that %s', (_title, mapping, status, text) => {
  const [check] = assessMapping(config(), home({ mapping }))
  expect([check!.status, check!.detail]).toEqual([status, expect.stringContaining(text)])
})

test('a machine without a router has no mapping and needs no rule', () => {
  const outside = home({ own: ['203.0.113.7'] })
  expect(assessMapping(config(), outside)).toEqual([])
  expect(assessForwarding(config(), outside).detail).toContain('nothing')
})

test('the rules name both protocols, the local address and the router', () =>
  expect(assessForwarding(config(), home()).detail).toBe(
    'forward UDP port 8189 to 192.168.1.20 port 8189, and TCP port 8189 to 192.168.1.20 port 8189; the router is at 192.168.1.1',
  ))

test('the rules have the announced port', () => {
  const announce = [{ host: 'home.example.org', port: 48_189 }]
  const { detail } = assessForwarding(config({ announce, tcp: false }), home({ router: undefined }))
  expect(detail).toBe('forward UDP port 48189 to 192.168.1.20 port 8189')
})

test.each([
  [{ udpPort: 0 }, {}, 'another port at each start'],
  [{}, { local: undefined }, 'no IPv4 route'],
])('no rule can be named with %j and %j', (about, outside, text) =>
  expect(assessForwarding(config(about), home(outside))).toMatchObject({
    status: 'warning',
    detail: expect.stringContaining(text) as string,
  }),
)

test.each([
  ['the public address', ['203.0.113.7'], 'ok', '203.0.113.7, port 8189'],
  ['an old address', ['203.0.113.99'], 'warning', 'but the public address is 203.0.113.7'],
  ['an IPv6 address', ['2001:db8::20'], 'ok', '2001:db8::20'],
  ['the local address', ['192.168.1.20'], 'ok', '192.168.1.20'],
  ['no address', [], 'warning', 'DNS has no address'],
])('an announced name with %s', async (_title, addresses, status, text) => {
  const announce = [{ host: 'home.example.org', port: undefined }]
  const [check] = await assessAnnounced(
    config({ announce }),
    home(),
    async () => await Promise.resolve(addresses),
  )
  expect([check!.status, check!.detail]).toEqual([status, expect.stringContaining(text)])
})

test('an address of IPv6 needs no rule, unless it is not offered', () => {
  const own = ['192.168.1.20', 'fd00::20', '2001:db8::20']
  expect(assessIpv6(config({ udpBindIp: '::' }), home({ own })).detail).toMatch(
    /^2001:db8::20: .*UDP and TCP/,
  )
  expect(assessIpv6(config({ udpBindIp: '0.0.0.0' }), home({ own })).status).toBe('warning')
  expect(assessIpv6(config(), home()).detail).toContain('no address')
})

test('a TURN server is needed behind carrier-grade NAT', () => {
  expect(assessTurn(config(), home()).status).toBe('ok')
  expect(assessTurn(config(), home({ mapping: mapped('100.64.1.2') })).status).toBe('warning')
})

test('the report has everything on a machine that knows nothing', async () => {
  const report = formatReport(await diagnoseFromOutside(config(), exampleSystem()))
  expect(report).toContain('From outside\n  warning  public address: unknown')
  expect(report).toContain('to set in the router: this machine has no IPv4 route')
})
