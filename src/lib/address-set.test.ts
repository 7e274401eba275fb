import { expect, test } from 'vitest'
import { createAddressSet } from './address-set.js'

const includes = createAddressSet(['127.0.0.1', '10.1.0.0/16', '::1', 'fd00:1::/32'])

test.each([
  ['127.0.0.1', true],
  ['::ffff:127.0.0.1', true],
  ['127.0.0.2', false],
  ['10.1.255.255', true],
  ['10.2.0.0', false],
  ['::1', true],
  ['0:0:0:0:0:0:0:1', true],
  ['fd00:1:ffff::1', true],
  ['FD00:1::1%eth0', true],
  ['fd00:2::1', false],
  ['', false],
  ['unknown', false],
  ['127.0.0.1:80', false],
])('%s: %s', (address, isIncluded) => expect(includes(address)).toBe(isIncluded))

test('an empty set includes nothing', () => expect(createAddressSet([])('127.0.0.1')).toBe(false))
