import type { NetworkInterfaceInfo } from 'node:os'
import { expect, test } from 'vitest'
import { addressBytes } from './address-bytes.js'
import { localNames, permittedWith } from './local-names.js'
import { decodePermitted, encodePermitted, permits } from './name-constraints.js'

const at = (address: string): NetworkInterfaceInfo => ({ address }) as NetworkInterfaceInfo

test('private addresses are named, public and link-local IPv6 ones are not', () =>
  expect(
    localNames({
      machineNames: ['pi', 'pi.local', 'under_score'],
      interfaces: {
        lo: [at('127.0.0.1'), at('::1')],
        eth0: [at('192.168.1.20'), at('fe80::1'), at('2001:db8::7'), at('fd12::7')],
        usb0: [at('169.254.3.4')],
        tailscale0: [at('100.101.102.103')],
        ppp0: [at('203.0.113.7'), at('172.32.0.1')],
      },
    }),
  ).toEqual([
    'pi',
    'pi.local',
    'localhost',
    '127.0.0.1',
    '::1',
    '192.168.1.20',
    'fd12::7',
    '169.254.3.4',
    '100.101.102.103',
  ]))

test.each([
  ['192.168.1.20', true],
  ['172.31.255.255', true],
  ['172.32.0.0', false],
  ['8.8.8.8', false],
  ['203.0.113.7', true],
  ['203.0.113.8', false],
  ['fdff::1', true],
  ['2001:db8::7', false],
  ['::ffff:192.168.1.20', false],
  ['pi.local', true],
  ['PI.LOCAL', true],
  ['evil-local', false],
  ['cams.example', true],
  ['www.cams.example', true],
  ['example', false],
])('%s is permitted: %s', (name, permitted) => {
  const encoded = encodePermitted(permittedWith(['cams.example', '203.0.113.7', '10.1.2.3']))
  expect(permits(decodePermitted(encoded), name)).toBe(permitted)
})

test.each([
  ['10.0.0.7', '0a000007'],
  ['::', '0'.repeat(32)],
  ['fd00::1:2', 'fd000000000000000000000000010002'],
  ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
  ['fe80::1%eth0', undefined],
  ['pi', undefined],
])('the bytes of %s are %s', (address, hex) => expect(addressBytes(address)?.toString('hex')).toBe(hex))

test('name constraints that are cut off are an error', () => {
  const encoded = encodePermitted(permittedWith([]))
  expect(() => decodePermitted(encoded.subarray(0, -1))).toThrow('cut off')
})
