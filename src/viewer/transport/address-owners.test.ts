import { expect, test } from 'vitest'
import { AddressOwners } from './address-owners.js'

const [first, second] = [{}, {}]

test('an address in use keeps its owner, a silent one can be claimed after 15 s', () => {
  const owners = new AddressOwners()
  expect(owners.of('a')).toBeUndefined()
  expect(owners.claim('a', first, 0)).toBe(true)
  expect(owners.claim('a', second, 14_999)).toBe(false)
  expect(owners.claim('a', first, 14_999)).toBe(true)
  expect(owners.claim('a', second, 29_997)).toBe(false)
  expect(owners.claim('a', second, 29_999)).toBe(true)
  expect(owners.of('a')?.owner).toBe(second)
})

test('an owner has at most 32 addresses', () => {
  const owners = new AddressOwners()
  for (let i = 0; i < 32; i++) expect(owners.claim(`${i}`, first, 0)).toBe(true)
  expect(owners.claim('32', first, 0)).toBe(false)
  expect(owners.claim('32', second, 0)).toBe(true)
})

test('an address that moved to another owner no longer counts for the first one', () => {
  const owners = new AddressOwners()
  for (let i = 0; i < 32; i++) owners.claim(`${i}`, first, 0)
  owners.claim('0', second, 15_000)
  expect(owners.claim('new', first, 15_000)).toBe(true)
  owners.release(first)
  expect(owners.size).toBe(1)
  expect(owners.of('0')?.owner).toBe(second)
})
