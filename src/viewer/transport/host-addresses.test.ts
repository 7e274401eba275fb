import type { NetworkInterfaceInfo } from 'node:os'
import { expect, test } from 'vitest'
import { announcedAddresses, shownAddress, type AddressOptions } from './host-addresses.js'

const address = (text: string, internal = false): NetworkInterfaceInfo => ({
  address: text,
  netmask: '',
  mac: '',
  internal,
  cidr: null,
  ...(text.includes(':') ? { family: 'IPv6', scopeid: 0 } : { family: 'IPv4' }),
})
const interfaces: AddressOptions['interfaces'] = {
  lo: [address('127.0.0.1', true), address('::1', true)],
  eth0: [address('2001:db8::5'), address('192.168.1.5'), address('fe80::1234')],
  wlan0: [address('192.168.1.6'), address('169.254.7.7')],
  docker0: [address('172.17.0.1')],
  'br-1f2e': [address('172.18.0.1')],
  veth12: [address('10.9.9.9')],
  gone: undefined,
}
const all: AddressOptions = { bindIp: '0.0.0.0', piIp: undefined, announce: [], interfaces }

test('the machine’s own addresses are announced, and the loopback address last', () => {
  expect(announcedAddresses(all)).toEqual(['192.168.1.5', '192.168.1.6', '127.0.0.1'])
})

test('bound to IPv6 as well, its addresses come after those of IPv4', () => {
  expect(announcedAddresses({ ...all, bindIp: '::' })).toEqual([
    '192.168.1.5',
    '192.168.1.6',
    '2001:db8::5',
    '127.0.0.1',
  ])
})

test('what the owner named comes first, and nothing is announced twice', () => {
  const named = { ...all, piIp: '203.0.113.9', announce: ['192.168.1.6', '203.0.113.9'] }
  expect(announcedAddresses(named)).toEqual(['203.0.113.9', '192.168.1.6', '192.168.1.5', '127.0.0.1'])
})

test('bound to one address, only that one is the machine’s own', () => {
  expect(announcedAddresses({ ...all, bindIp: '192.168.1.6' })).toEqual(['192.168.1.6'])
  expect(announcedAddresses({ ...all, bindIp: '127.0.0.1', announce: ['203.0.113.9'] })).toEqual([
    '203.0.113.9',
    '127.0.0.1',
  ])
})

test('the address to show is the first that others can reach, else the loopback address', () => {
  expect(shownAddress(all)).toBe('192.168.1.5')
  expect(shownAddress({ ...all, piIp: '203.0.113.9' })).toBe('203.0.113.9')
  expect(shownAddress({ ...all, interfaces: {} })).toBe('127.0.0.1')
})
