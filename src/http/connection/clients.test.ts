import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import type { Client } from '../../lib/client-address.js'
import { createClients } from './clients.js'

const PROXY = '10.0.0.1'

const clientOf = (headers: IncomingHttpHeaders, peer = PROXY, trusted = ['10.0.0.0/8']): Client =>
  createClients(() => trusted).of({ headers, socket: { remoteAddress: peer } } as unknown as IncomingMessage)

const everyHeader = {
  'x-forwarded-for': '192.0.2.1',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'home.example',
  'x-forwarded-prefix': '/cams',
  forwarded: 'for=192.0.2.1;proto=https;host=home.example',
}

test('the headers of a trusted proxy name the client', () => {
  expect(clientOf(everyHeader)).toEqual({
    address: '192.0.2.1',
    isSecure: true,
    forwardedHosts: ['home.example', 'home.example'],
    prefix: '/cams',
  })
  expect(clientOf({ forwarded: 'for="[2001:db8::1]:80";proto=https' })).toMatchObject({
    address: '2001:db8::1',
    isSecure: true,
  })
})

test('the headers of other peers count for nothing', () => {
  for (const [peer, trusted] of [
    ['192.0.2.7', ['10.0.0.0/8']],
    [PROXY, []],
  ] as const)
    expect(clientOf(everyHeader, peer, [...trusted])).toEqual({
      address: peer,
      isSecure: false,
      forwardedHosts: [],
      prefix: '',
    })
})

test.each([
  ['203.0.113.9, 192.0.2.1', '192.0.2.1'],
  ['203.0.113.9, 192.0.2.1, 10.0.0.2', '192.0.2.1'],
  ['192.0.2.1, unknown', PROXY],
  [`${'203.0.113.9,'.repeat(1200)} 192.0.2.1`, '192.0.2.1'],
  ['', PROXY],
])('X-Forwarded-For: %.40s is %s', (value, address) =>
  expect(clientOf({ 'x-forwarded-for': value }).address).toBe(address),
)

test('a proxy that writes one of two headers and passes on the other is the client itself where they differ', () => {
  const invented = '203.0.113.9'
  expect(clientOf({ 'x-forwarded-for': '192.0.2.1', forwarded: `for=${invented}` }).address).toBe(PROXY)
  expect(clientOf({ 'x-forwarded-for': invented, forwarded: 'for=192.0.2.1' }).address).toBe(PROXY)
})

test.each([
  [{ 'x-forwarded-proto': 'https' }, true],
  [{ 'x-forwarded-proto': 'HTTPS, http' }, true],
  [{ 'x-forwarded-proto': 'wss' }, true],
  [{ 'x-forwarded-proto': 'http' }, false],
  [{ 'x-forwarded-proto': 'httpsx' }, false],
  [{ forwarded: 'for=192.0.2.1;proto=https, for=10.0.0.2;proto=http' }, true],
  [{}, false],
])('%j is encrypted: %s', (headers, isSecure) => expect(clientOf(headers).isSecure).toBe(isSecure))

test.each([
  ['/cams', '/cams'],
  ['/cams/', '/cams'],
  ['/api/ingress/a_b-C.9~', '/api/ingress/a_b-C.9~'],
  ['/', ''],
  ['cams', ''],
  ['//evil.example', ''],
  ['/cams; Domain=example', ''],
  ['/cams/../x', ''],
  ['/a, /b', ''],
  [`/${'x'.repeat(200)}`, ''],
  ['/x'.repeat(9), ''],
])('X-Forwarded-Prefix: %s is %j', (value, prefix) => {
  expect(clientOf({ 'x-forwarded-prefix': value }).prefix).toBe(prefix)
  expect(clientOf({ 'x-ingress-path': value }).prefix).toBe(prefix)
})

test('more hosts than proxies would write are one that is invalid', () => {
  expect(clientOf({ 'x-forwarded-host': 'a, b' }).forwardedHosts).toEqual(['a', 'b'])
  expect(clientOf({ 'x-forwarded-host': 'a,'.repeat(1000) }).forwardedHosts).toEqual([''])
})

test('a reload changes the trusted proxies', () => {
  let trusted: string[] = []
  const clients = createClients(() => trusted)
  expect(clients.isProxy(PROXY)).toBe(false)
  trusted = [PROXY]
  expect(clients.isProxy(PROXY)).toBe(true)
})
