import { expect, test } from 'vitest'
import { isCarrierGradeNat, isInNetwork, isLoopback, isOfHost, isPublic } from './address-kind.js'

test('private, shared, link-local and loopback addresses are not public', () => {
  const inside = ['10.1.2.3', '172.31.0.1', '192.168.0.1', '169.254.1.1', '100.127.0.1', 'fe80::1', 'fd00::1']
  expect([...inside, '127.0.0.1', '::1', '', 'home'].filter(isPublic)).toEqual([])
  expect(['100.128.0.1', '172.32.0.1', '2001:db8::1'].filter((one) => !isPublic(one))).toEqual([])
  expect(['127.1.2.3', '::1', '128.0.0.1'].map(isLoopback)).toEqual([true, true, false])
  expect(['100.64.0.1', '100.128.0.1', '10.0.0.1'].map(isCarrierGradeNat)).toEqual([true, false, false])
})

test('unspecified, link-local, multicast and broadcast addresses, and names, are of no host', () => {
  const none = [
    '0.0.0.0',
    '0.1.2.3',
    '169.254.1.1',
    '224.0.0.251',
    '255.255.255.255',
    '::',
    'fe80::1',
    'ff02::1',
  ]
  expect([...none, '::ffff:169.254.1.1', '::ffff:0:0', '', 'home'].filter(isOfHost)).toEqual([])
  const some = ['10.0.0.1', '127.0.0.1', '198.51.100.1', '::1', 'fd00::1', '2001:db8::1', '::ffff:10.0.0.1']
  expect(some.filter(isOfHost)).toEqual(some)
})

test('IPv4 in IPv6 is judged as IPv4', () => {
  expect(['::ffff:10.0.0.1', '::ffff:a00:1', '::ffff:7f00:1'].filter(isPublic)).toEqual([])
  expect(isLoopback('::ffff:7f00:1')).toBe(true)
})

test('a network contains its addresses', () => {
  expect(isInNetwork('192.168.1.20/24', '192.168.1.99')).toBe(true)
  expect(isInNetwork('192.168.1.20/24', '192.168.2.99')).toBe(false)
  expect(isInNetwork('fd00::20/64', 'fd00::99')).toBe(true)
  expect(isInNetwork('fd00::20/64', '192.168.1.99')).toBe(false)
})

test.each(['', '/', '192.168.1.20', '192.168.1.20/', '192.168.1.20/33', '192.168.1.20/x', 'a/24'])(
  'the text "%s" is no network and contains nothing',
  (network) => expect(isInNetwork(network, '192.168.1.20')).toBe(false),
)
