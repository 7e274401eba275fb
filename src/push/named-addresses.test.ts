import { expect, test } from 'vitest'
import { mayName } from './named-addresses.js'

const PUBLIC = '198.51.100.7'
const NETWORKS = ['192.168.1.20/24', '2001:db8:1::20/64']

test.each<[string, string[], string, boolean]>([
  ['on the Internet', [PUBLIC], '203.0.113.9', true],
  ['on the Internet', [PUBLIC], '2001:db8:2::9', true],
  ['on the Internet', [PUBLIC], '10.0.0.1', false],
  ['on the Internet', [PUBLIC], '192.168.1.1', false],
  ['on the Internet', [PUBLIC], '100.64.0.1', false],
  ['on the Internet', [PUBLIC], 'fd00::1', false],
  ['on the Internet', [PUBLIC], '::ffff:192.168.1.1', false],
  ['on the Internet', [PUBLIC], '::ffff:7f00:1', false],
  ['on the Internet', [PUBLIC], '127.0.0.1', false],
  ['on the Internet', [PUBLIC], '::1', false],
  ['on the Internet: a public address of our own network', [PUBLIC], '2001:db8:1::9', false],
  ['in our network', ['192.168.1.5'], '192.168.1.6', true],
  ['in our network', ['192.168.1.5'], '10.0.0.1', true],
  ['in our network', ['192.168.1.5'], PUBLIC, true],
  ['in our network', ['2001:db8:1::5'], '192.168.1.6', true],
  ['in our network', ['192.168.1.5'], '127.0.0.1', false],
  ['on this machine', ['127.0.0.1'], '127.0.0.1', true],
  ['on this machine', ['::1'], '10.0.0.1', true],
  ['on the Internet, which redirects into our network', [PUBLIC, '192.168.1.5'], '192.168.1.6', false],
  ['in our network, which redirects to this machine', ['192.168.1.5', '127.0.0.1'], '127.0.0.1', false],
  ['at an unknown address', [''], '192.168.1.6', false],
  ['at no address', [], PUBLIC, false],
])('a media server %s (%s) may name %s: %s', (_where, by, address, may) =>
  expect(mayName(by, address, NETWORKS)).toBe(may),
)

test.each([
  '0.0.0.0',
  '169.254.169.254',
  '224.0.0.251',
  '255.255.255.255',
  '::',
  'fe80::1',
  'ff02::1',
  'name',
])('no media server may name %s', (address) =>
  expect([['127.0.0.1'], ['192.168.1.5'], [PUBLIC]].some((by) => mayName(by, address, NETWORKS))).toBe(false),
)

test('the networks of this machine are known', () => expect(mayName([PUBLIC], '127.0.0.1')).toBe(false))
