import { expect, test } from 'vitest'
import { FakeKernel } from '../../test/fakes/fake-kernel.js'
import { LAYOUT_32, LAYOUT_64 } from './layout.js'
import { RECEIVE_SLOTS, ReceiveBatch } from './receive-batch.js'

test.each([32, 64] as const)('with the structures of %i bits, datagrams arrive as they were sent', (bits) => {
  const kernel = new FakeKernel(bits)
  const batch = new ReceiveBatch(kernel, bits === 64 ? LAYOUT_64 : LAYOUT_32)
  expect(batch.receive(7)).toBe(0)
  const datagrams = ['', 'one', 'x'.repeat(65_507)].map((text) => Buffer.from(text))
  for (const [i, datagram] of datagrams.entries())
    kernel.arriving.push({ datagram, port: 40_000 + i, host: [127, 0, 0, 1 + i] })
  expect(batch.receive(7)).toBe(3)
  const got = datagrams.map((_, i) => batch.copyOf(i))
  expect(got.map((one, i) => one.equals(datagrams[i]!))).toEqual([true, true, true])
  expect([0, 1, 2].map((i) => [batch.addressOf(i), batch.portOf(i)])).toEqual([
    ['127.0.0.1', 40_000],
    ['127.0.0.2', 40_001],
    ['127.0.0.3', 40_002],
  ])
  kernel.arriving.push({ datagram: Buffer.from('two'), port: 1, host: [127, 0, 0, 1] })
  batch.receive(7)
  expect([got[1]!.toString(), batch.copyOf(0).toString()]).toEqual(['one', 'two'])
})

test('one call reads a limited number', () => {
  const kernel = new FakeKernel(64)
  const batch = new ReceiveBatch(kernel, LAYOUT_64)
  for (let i = 0; i < RECEIVE_SLOTS + 5; i++)
    kernel.arriving.push({ datagram: Buffer.from([i]), port: 1, host: [127, 0, 0, 1] })
  expect([batch.receive(7), batch.receive(7), batch.receive(7)]).toEqual([RECEIVE_SLOTS, 5, 0])
})

test('nothing is read beyond what the kernel can have written', () => {
  const kernel = new FakeKernel(64)
  const batch = new ReceiveBatch(kernel, LAYOUT_64)
  kernel.arriving.push({ datagram: Buffer.alloc(1_000_000), port: 1, host: [127, 0, 0, 1] })
  expect(batch.receive(7)).toBe(1)
  expect(batch.copyOf(0).length).toBeLessThan(70_000)
  kernel.recvmmsg = () => 1000
  expect(batch.receive(7)).toBe(RECEIVE_SLOTS)
})
