import { expect, test } from 'vitest'
import { bindableAddress, canBindIpv6 } from './bind-address.js'

test.each([
  [undefined, true],
  ['EAFNOSUPPORT', false],
  ['EADDRNOTAVAIL', false],
  ['EMFILE', true],
  ['EACCES', true],
])('after %j, the kernel has IPv6: %j', async (error, has) =>
  expect(await canBindIpv6(() => Promise.resolve(error))).toBe(has),
)

test('only the wildcard is replaced, and only without IPv6', () => {
  expect([bindableAddress('::', true), bindableAddress('::', false)]).toEqual(['::', '0.0.0.0'])
  expect(bindableAddress('2001:db8::5', false)).toBe('2001:db8::5')
  expect(bindableAddress('127.0.0.1', false)).toBe('127.0.0.1')
})
