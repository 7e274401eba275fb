import { expect, test } from 'vitest'
import { checkBudget, UnprovenChecks } from './unproven-checks.js'

const CHECK_BYTES = 100
const always = (): boolean => true

/** Sends checks to addresses in turn until one round sends none. @returns how many each got. */
function sendAll(checks: UnprovenChecks, addresses: string[], rounds = 50, bytes = CHECK_BYTES): number[] {
  const sent = addresses.map(() => 0)
  for (let round = 0; round < rounds; round++)
    addresses.forEach((address, i) => (sent[i]! += checks.consume(address, bytes) ? 1 : 0))
  return sent
}
const named = (count: number): string[] => Array.from({ length: count }, (_, i) => `192.0.2.${i} 5000`)

test('a browser with eight candidates has four and more checks sent to each of them', () => {
  const checks = new UnprovenChecks(always)
  checks.received(1500) // Firefox's offer of one video section; Chrome's is twice as long
  expect(Math.min(...sendAll(checks, named(8)))).toBeGreaterThanOrEqual(4)
})

test('an offer of any length has five checks sent to each of twelve addresses', () => {
  const checks = new UnprovenChecks(always)
  checks.received(64 * 1024)
  const sent = sendAll(checks, named(32))
  expect(sent).toEqual([...Array<number>(12).fill(5), ...Array<number>(20).fill(0)])
})

test('the bytes sent are at most three times those received, whatever the length of a check', () => {
  for (const bytes of [96, 348]) {
    const checks = new UnprovenChecks(always)
    checks.received(700)
    const sent = sendAll(checks, named(12), 50, bytes).reduce((sum, count) => sum + count, 0)
    expect(sent).toBe(Math.floor(2100 / bytes))
  }
  expect(new UnprovenChecks(always).consume('192.0.2.1 5000', CHECK_BYTES)).toBe(false)
})

test('an address that answered has no limit', () => {
  const checks = new UnprovenChecks(always)
  checks.received(1000)
  const [address] = named(1) as [string]
  expect(sendAll(checks, [address])).toEqual([5])
  checks.prove(address)
  expect(sendAll(checks, [address])).toEqual([50])
})

test('an address that sends authenticated checks has twice their bytes sent back, without the client’s budget', () => {
  const checks = new UnprovenChecks(() => false)
  const [address] = named(1) as [string]
  checks.heardFrom(address, 96)
  expect(sendAll(checks, [address], 50, 96)).toEqual([2])
  checks.heardFrom(address, 96)
  expect(sendAll(checks, [address], 50, 300)).toEqual([0])
  checks.heardFrom(address, 96)
  expect(sendAll(checks, [address], 50, 300)).toEqual([1])
})

test('ten thousand addresses that send checks leave 44 behind', () => {
  const checks = new UnprovenChecks(always)
  const addresses = Array.from({ length: 10_000 }, (_, i) => `192.0.2.1 ${i}`)
  for (const address of addresses) checks.heardFrom(address, 96)
  expect(sendAll(checks, addresses, 1, 96).filter((count) => count > 0).length).toBe(44)
})

test('one network has 200 checks at once and 50 a second, all of them together 500 and 200', () => {
  const clock = { ms: 0 }
  const budget = checkBudget(() => clock.ms)
  const consumeAll = (address: string): number => {
    const consume = budget(address)
    let consumed = 0
    while (consume()) consumed++
    return consumed
  }
  expect(consumeAll('192.0.2.1')).toBe(200)
  clock.ms += 1000
  expect(consumeAll('192.0.2.1')).toBe(50)
  const others = Array.from({ length: 20 }, (_, i) => consumeAll(`198.51.100.${i}`))
  expect(others.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(400)
  expect(others.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(450)
  clock.ms += 1000
  const again = Array.from({ length: 20 }, (_, i) => consumeAll(`198.51.100.${i}`))
  expect(again.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(200)
})
