import { expect, test } from 'vitest'
import { createByteBudget } from './byte-budget.js'

test('the budget limits each network and all networks together', () => {
  const budget = createByteBudget(() => ({ all: 250, perNetwork: 100 }))
  const [first, second] = [budget.reserve('192.0.2.1'), budget.reserve('192.0.2.1')]
  expect(first.set(60)).toBe(true)
  expect(second.set(41)).toBe(false)
  expect(second.set(40)).toBe(true)
  expect(budget.reserve('192.0.2.2').set(100)).toBe(true)
  const third = budget.reserve('192.0.2.3')
  expect(third.set(51)).toBe(false)
  expect(third.set(50)).toBe(true)
  expect(budget.bytes).toBe(250)
})

test('what is given back can be held again, by less as by disposing', () => {
  const budget = createByteBudget(() => ({ all: 100, perNetwork: 100 }))
  const [first, second] = [budget.reserve('2001:db8::1'), budget.reserve('2001:db8::2')]
  expect(first.set(100)).toBe(true)
  expect(second.set(10)).toBe(false)
  expect(first.set(90)).toBe(true)
  expect(second.set(10)).toBe(true)
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  expect(budget.bytes).toBe(10)
  expect(second.set(0)).toBe(true)
  expect(budget.bytes).toBe(0)
})

test('less is always possible, also where the limit was lowered meanwhile', () => {
  let most = 100
  const hold = createByteBudget(() => ({ all: most, perNetwork: most })).reserve('192.0.2.1')
  expect(hold.set(100)).toBe(true)
  most = 10
  expect(hold.set(101)).toBe(false)
  expect(hold.set(50)).toBe(true)
})
