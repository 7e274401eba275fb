import { expect, test } from 'vitest'
import { isCarrierGradeNat, isInNetwork, isLoopback, isPublic } from './address-kind.js'

test('private, shared, link-local and loopback addresses are not public', () => {
  const inside = ['10.1.2.3', '172.31.0.1', '192.168.0.1', '169.254.1.1', '100.127.0.1', 'fe80::1', 'fd00::1']
  expect([...inside, '127.0.0.1', '::1', '', 'home'].filter(isPublic)).toEqual([])
  expect(['100.128.0.1', '172.32.0.1', '2001:db8::1'].filter((one) => !isPublic(one))).toEqual([])
  expect(['127.1.2.3', '::1', '128.0.0.1'].map(isLoopback)).toEqual([true, true, false])
  expect(['100.64.0.1', '100.128.0.1', '10.0.0.1'].map(isCarrierGradeNat)).toEqual([true, false, false])
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
