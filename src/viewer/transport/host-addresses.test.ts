import type { NetworkInterfaceInfo } from 'node:os'
import { expect, test } from 'vitest'
import { localAddresses, offeredAddresses, type AddressOptions } from './host-addresses.js'

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

const texts = (options: Partial<AddressOptions>): string[] =>
  offeredAddresses({ ...all, ...options }).map(({ address, port }) =>
    port === undefined ? address : `${address} ${port}`,
  )

test('the machine’s own addresses are offered, and the loopback address last', () => {
  expect(texts({})).toEqual(['192.168.1.5', '192.168.1.6', '127.0.0.1'])
})

test('bound to IPv6 as well, its addresses come after those of IPv4', () => {
  expect(texts({ bindIp: '::' })).toEqual(['192.168.1.5', '192.168.1.6', '2001:db8::5', '127.0.0.1'])
})

test('what the owner configured comes first, and nothing is offered twice', () => {
  const announce = [{ address: '192.168.1.6' }, { address: '203.0.113.9' }]
  expect(texts({ piIp: '203.0.113.9', announce })).toEqual([
    '203.0.113.9',
    '192.168.1.6',
    '192.168.1.5',
    '127.0.0.1',
  ])
})

test('bound to one address, only that one is the machine’s own', () => {
  expect(texts({ bindIp: '192.168.1.6' })).toEqual(['192.168.1.6'])
  expect(texts({ bindIp: '127.0.0.1', announce: [{ address: '203.0.113.9' }] })).toEqual([
    '203.0.113.9',
    '127.0.0.1',
  ])
})

test('an address with a port is offered with that port', () => {
  const announce = [{ address: '203.0.113.7', port: 48189 }, { address: '203.0.113.7' }]
  expect(texts({ announce }).slice(0, 2)).toEqual(['203.0.113.7 48189', '203.0.113.7'])
})

test('the address at which the client reached the page comes first', () => {
  expect(texts({ reachedAt: ['192.168.1.6'] })[0]).toBe('192.168.1.6')
  expect(texts({ reachedAt: ['203.0.113.7', '192.168.1.6'], piIp: '192.168.1.5' })).toEqual([
    '203.0.113.7',
    '192.168.1.6',
    '192.168.1.5',
    '127.0.0.1',
  ])
  const announce = [{ address: '198.51.100.1' }, { address: '203.0.113.7', port: 48189 }]
  expect(texts({ reachedAt: ['203.0.113.7'], announce }).slice(0, 2)).toEqual([
    '203.0.113.7 48189',
    '198.51.100.1',
  ])
})

test('a container’s bridge and a link-local address are offered to a client that came that way', () => {
  expect(texts({ reachedAt: ['172.17.0.1'] })[0]).toBe('172.17.0.1')
  expect(texts({ reachedAt: ['169.254.7.7'] })[0]).toBe('169.254.7.7')
  expect(texts({ reachedAt: ['fe80::1234'], bindIp: '::' })[0]).toBe('fe80::1234')
})

test('an address at which the UDP socket does not listen is not offered, though the page was reached there', () => {
  expect(texts({ reachedAt: ['2001:db8::5'] })).not.toContain('2001:db8::5')
  expect(texts({ reachedAt: ['192.168.1.5'], bindIp: '192.168.1.6' })).toEqual(['192.168.1.6'])
  expect(texts({ reachedAt: ['192.168.1.5'], bindIp: '127.0.0.1' })).toEqual(['127.0.0.1'])
  // A router forwards to the bound address.
  expect(texts({ reachedAt: ['203.0.113.7'], bindIp: '192.168.1.6' })).toEqual(['203.0.113.7', '192.168.1.6'])
})

test('link-local addresses are offered for want of any other', () => {
  const cable = { lo: interfaces['lo'], usb0: [address('169.254.7.9'), address('fe80::9')] }
  expect(texts({ interfaces: cable })).toEqual(['169.254.7.9', '127.0.0.1'])
  expect(texts({ interfaces: cable, bindIp: '::' })).toEqual(['169.254.7.9', 'fe80::9', '127.0.0.1'])
  expect(texts({ interfaces: {} })).toEqual(['127.0.0.1'])
})

test('every local address can have a socket: those of virtual interfaces last, link-local IPv6 with its link', () => {
  expect(localAddresses(interfaces, true)).toEqual([
    '127.0.0.1',
    '::1',
    '2001:db8::5',
    '192.168.1.5',
    'fe80::1234%eth0',
    '192.168.1.6',
    '169.254.7.7',
    '172.17.0.1',
    '172.18.0.1',
    '10.9.9.9',
  ])
  expect(localAddresses(interfaces, false)).not.toContain('::1')
})
