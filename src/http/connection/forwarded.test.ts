import { expect, test } from 'vitest'
import { addressOfNode, lastElements, parseElement, rightmostUntrusted } from './forwarded.js'

test.each([
  ['a, b ,c', ['c', 'b', 'a']],
  ['', ['']],
  ['for="a,b", for=c', ['for=c', 'for="a,b"']],
  ['for="x, for=c', ['for=c', 'for="x']], // an open quote of a client swallows nothing
  ['"", a', ['a', '""']],
])('%j ends with the elements %j', (value, elements) => expect(lastElements(value)).toEqual(elements))

test('no more than 16 elements of a kilobyte are read', () => {
  expect(lastElements(Array<string>(1000).fill('a').join())).toHaveLength(16)
  expect(lastElements(`${'x'.repeat(16_000)},a`)).toEqual(['a'])
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:4711', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:4711', '2001:db8::1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['unknown', undefined],
  ['_hidden', undefined],
  ['_hidden:80', undefined],
  ['192.0.2.256', undefined],
  ['[192.0.2.1', undefined],
  ['home.example', undefined],
  ['', undefined],
])('the node %s is the address %s', (node, address) => expect(addressOfNode(node)).toBe(address))

test.each([
  ['for=192.0.2.1;proto=https;by=10.0.0.1', { for: '192.0.2.1', proto: 'https', by: '10.0.0.1' }],
  ['For="[2001:db8::1]:4711"; Host="home.example"', { for: '[2001:db8::1]:4711', host: 'home.example' }],
  ['for="a\\"b"', { for: 'a"b' }],
  ['for', {}],
  ['=x;for=', { for: '' }],
  ['for="open', {}],
])('the element %s has the parameters %j', (text, parameters) =>
  expect(Object.fromEntries(parseElement(text))).toEqual(parameters),
)

test('the client is the rightmost address that is no proxy of ours', () => {
  const isTrusted = (address: string): boolean => address.startsWith('10.')
  const client = (...hops: string[]): string => rightmostUntrusted(hops.reverse(), '10.0.0.1', isTrusted)
  expect(client()).toBe('10.0.0.1')
  expect(client('192.0.2.1')).toBe('192.0.2.1')
  expect(client('203.0.113.9', '192.0.2.1', '10.0.0.2')).toBe('192.0.2.1')
  expect(client('10.0.0.3', '10.0.0.2')).toBe('10.0.0.3')
  expect(client('203.0.113.9', 'unknown', '10.0.0.2')).toBe('10.0.0.2')
})
