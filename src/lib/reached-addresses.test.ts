import { expect, test } from 'vitest'
import { reachedAddresses, reachedAddressesOf } from './reached-addresses.js'

test.each([
  ['192.168.1.5:8080', '192.168.1.5', ['192.168.1.5']],
  ['203.0.113.7', '::ffff:192.168.1.5', ['203.0.113.7', '192.168.1.5']],
  ['[2001:db8::5]:8080', '2001:db8::5', ['2001:db8::5']],
  ['[fe80::1]', 'fe80::1%eth0', ['fe80::1']],
  ['raspberrypi.local:8080', 'fe80::1%eth0', ['fe80::1']],
  ['camera.example', '169.254.7.9', ['169.254.7.9']],
  ['localhost:8080', '127.0.0.1', []],
  ['127.0.0.1:8080', '::1', []],
  ['[::1]:8080', '::ffff:127.0.0.1', []],
  ['0.0.0.0', '192.168.1.5', ['192.168.1.5']],
  ['224.0.0.1', '10.0.0.1', ['10.0.0.1']],
  ['1.2.3', '10.0.0.1', ['10.0.0.1']],
  ['999.2.3.4', undefined, []],
  ['[ff02::1]', undefined, []],
  [undefined, '10.0.0.1', ['10.0.0.1']],
  ['192.168.1.5\r\nx', undefined, []],
  ['1'.repeat(10_000), undefined, []],
])('a client with Host %j at %s reached %j', (host, localAddress, expected) =>
  expect(reachedAddresses([host], { localAddress })).toEqual(expected),
)

test('a request without a connection reached no address', () => {
  expect(reachedAddressesOf(undefined)).toEqual([])
  const incoming = { headers: { host: '10.0.0.1' }, socket: { localAddress: '10.0.0.2' } }
  expect(reachedAddressesOf({ incoming })).toEqual(['10.0.0.1', '10.0.0.2'])
})
