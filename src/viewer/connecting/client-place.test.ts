import { expect, test } from 'vitest'
import { placeOf } from './client-place.js'

test.each([
  ['192.168.1.5', 'same-network'],
  ['fe80::5', 'same-network'],
  ['203.0.113.6', 'same-network'],
  ['203.0.113.99', 'outside'],
  ['2001:db8::1', 'outside'],
  ['192.168.2.5', 'behind'],
  ['100.64.0.1', 'behind'],
  ['fd01::1', 'behind'],
  ['127.0.0.1', 'unknown'],
  ['::1', 'unknown'],
  ['', 'unknown'],
  ['nobody', 'unknown'],
] as const)('the place of %s is %s', (client, place) =>
  expect(placeOf(client, ['192.168.1.20/24', 'fd00::20/64', 'fe80::1/64', '203.0.113.7/29'])).toBe(place),
)
