import { getHeapStatistics } from 'node:v8'
import { describe, expect, test } from 'vitest'
import { FakeKernel, type SentMessage } from '../../test/fakes/fake-kernel.js'
import { Destination } from './destination.js'
import { LAYOUT_32, LAYOUT_64 } from './layout.js'
import { EAGAIN, ECONNREFUSED, EINVAL, EIO, EMSGSIZE, ENOBUFS } from './libc.js'
import { SendBatch } from './send-batch.js'
import { SEND_SLOTS, SLOT_BYTES } from './send-slab.js'

const EHOSTUNREACH = 113

function open({
  bits = 64,
  isIpv6 = false,
  fd = () => 7,
}: { bits?: 32 | 64; isIpv6?: boolean; fd?: () => number } = {}) {
  const kernel = new FakeKernel(bits)
  const singly: [datagram: Buffer, port: number][] = []
  const waiting: SendBatch[] = []
  const batch = new SendBatch(
    kernel,
    bits === 64 ? LAYOUT_64 : LAYOUT_32,
    { isIpv6, fd, sendSingly: (datagram, { port }) => void singly.push([datagram, port]) },
    (one) => waiting.push(one),
  )
  return { kernel, batch, singly, waiting }
}

const to = (port: number, segments = true): Destination => new Destination('192.0.2.1', port, false, segments)
const datagram = (text: string, bytes = 40): Buffer => Buffer.alloc(bytes, text)
/** Datagrams by port, in the order in which the kernel got them. */
const byPort = (sent: readonly SentMessage[]): Record<number, Buffer[]> => {
  const result: Record<number, Buffer[]> = {}
  for (const { port, datagrams } of sent) (result[port] ??= []).push(...datagrams)
  return result
}
const sizes = (kernel: FakeKernel): number[][] =>
  kernel.sent.map(({ datagrams }) => datagrams.map(({ length }) => length))

describe.each([32, 64] as const)('with the structures of %i bits', (bits) => {
  test('datagrams of several viewers leave in one call, those of one viewer in one message', () => {
    const { kernel, batch, waiting } = open({ bits })
    const [a, b] = [to(1000), to(2000)]
    const memory = Buffer.alloc(40)
    for (const text of ['1', '2', '3'])
      for (const one of [a, b]) {
        memory.fill(`${text}${one.port}`)
        batch.add(memory, one)
      }
    expect([kernel.calls, waiting]).toEqual([0, [batch]])
    batch.flush()
    batch.flush()
    expect(kernel.calls).toBe(1)
    expect(kernel.sent.map(({ port, segmentBytes, host }) => [port, segmentBytes, host])).toEqual([
      [1000, 40, 'c0000201'],
      [2000, 40, 'c0000201'],
    ])
    expect(byPort(kernel.sent)).toEqual({
      1000: ['11000', '21000', '31000'].map((text) => datagram(text)),
      2000: ['12000', '22000', '32000'].map((text) => datagram(text)),
    })
  })

  test.each([
    ['192.0.2.7', '00000000000000000000ffffc0000207'],
    ['2001:db8::1', '20010db8000000000000000000000001'],
    ['::1', '00000000000000000000000000000001'],
    ['fe80::1:2:3:4', 'fe800000000000000001000200030004'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['1::', '00010000000000000000000000000000'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
  ])('an IPv6 socket sends to %s', (address, host) => {
    const { kernel, batch } = open({ bits, isIpv6: true })
    batch.add(datagram('x'), new Destination(address, 5000, true, true))
    batch.flush()
    expect(kernel.sent).toMatchObject([{ family: 10, port: 5000, host, datagrams: [datagram('x')] }])
  })
})

test('a message ends with a datagram that is shorter, and before one that is longer', () => {
  const { kernel, batch } = open()
  const one = to(1)
  for (const bytes of [100, 100, 60, 100, 120, 120, 30, 20]) batch.add(datagram('x', bytes), one)
  batch.flush()
  expect(sizes(kernel)).toEqual([[100, 100, 60], [100], [120, 120, 30], [20]])
  expect(kernel.sent.map(({ segmentBytes }) => segmentBytes)).toEqual([100, undefined, 120, undefined])
})

test('a message has at most 64 datagrams and 65,000 bytes', () => {
  const { kernel, batch } = open()
  for (let i = 0; i < 70; i++) batch.add(datagram('x', 10), to(1))
  const [small, large] = [to(1), to(2)]
  for (let i = 0; i < 70; i++) batch.add(datagram('x', 10), small)
  for (let i = 0; i < 50; i++) batch.add(datagram('x', 1400), large)
  batch.flush()
  expect(sizes(kernel).map((all) => all.length)).toEqual([...new Array<number>(70).fill(1), 64, 6, 46, 4])
})

test('a full batch is sent at once', () => {
  const { kernel, batch, waiting } = open()
  const one = to(1)
  for (let i = 0; i < SEND_SLOTS + 1; i++) batch.add(datagram(String(1000 + i), 4), one)
  expect(byPort(kernel.sent)[1]).toHaveLength(SEND_SLOTS)
  batch.flush()
  expect(byPort(kernel.sent)[1]!.map(String)).toEqual(
    Array.from({ length: SEND_SLOTS + 1 }, (_, i) => String(1000 + i)),
  )
  expect(new Set(waiting)).toEqual(new Set([batch]))
})

test('a datagram that fits no slot is sent singly, after those before it', () => {
  const { kernel, batch, singly } = open()
  batch.add(datagram('first'), to(1))
  batch.add(datagram('long', SLOT_BYTES + 1), to(1))
  expect(kernel.calls).toBe(1)
  expect(singly).toEqual([[datagram('long', SLOT_BYTES + 1), 1]])
})

test('what a short call leaves over is sent by further calls, each datagram once', () => {
  const { kernel, batch, singly } = open()
  kernel.maxMessages = 2
  for (let port = 1; port <= 7; port++) batch.add(datagram(String(port)), to(port))
  batch.flush()
  expect(kernel.sent.map(({ port }) => port)).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect([kernel.calls, singly, batch.failed]).toEqual([4, [], 0])
})

test.each([EAGAIN, ENOBUFS])(
  'without room in the kernel (%i), the rest goes to the queue of the socket',
  (errno) => {
    const { kernel, batch, singly } = open()
    kernel.refuse = () => (kernel.sent.length === 2 ? errno : 0)
    const viewers = [1, 2, 3, 4].map((port) => to(port))
    for (const text of ['a', 'b']) for (const one of viewers) batch.add(datagram(text), one)
    batch.flush()
    for (const one of viewers) batch.add(datagram('later'), one) // in the same memory
    expect(byPort(kernel.sent)).toEqual({
      1: [datagram('a'), datagram('b')],
      2: [datagram('a'), datagram('b')],
    })
    expect(singly).toEqual([3, 3, 4, 4].map((port, i) => [datagram('ab'[i % 2]!), port]))
  },
)

test('an error of one viewer costs no other viewer a packet', () => {
  const { kernel, batch, singly } = open()
  kernel.refuse = ({ port }) => (port === 2 ? EHOSTUNREACH : 0)
  for (let round = 0; round < 3; round++) for (const port of [1, 2, 3]) batch.add(datagram('x'), to(port))
  batch.flush()
  expect(byPort(kernel.sent)).toEqual({ 1: Array(3).fill(datagram('x')), 3: Array(3).fill(datagram('x')) })
  expect([singly, batch.failed]).toEqual([[], 3])
})

test('an ICMP error of an earlier datagram, which the kernel reports once, costs nothing', () => {
  const { kernel, batch } = open()
  let isPending = true
  kernel.refuse = ({ port }) => {
    if (port !== 2 || !isPending) return 0
    isPending = false
    return ECONNREFUSED
  }
  for (const port of [1, 2, 3]) batch.add(datagram('x'), to(port))
  batch.flush()
  expect(kernel.sent.map(({ port }) => port)).toEqual([1, 2, 3])
  expect(batch.failed).toBe(0)
})

test('a destination that is refused for good is given up after one more try', () => {
  const { kernel, batch } = open()
  kernel.refuse = ({ port }) => (port === 1 ? ECONNREFUSED : 0)
  for (const port of [1, 2]) batch.add(datagram('x'), to(port))
  batch.flush()
  expect(kernel.sent.map(({ port }) => port)).toEqual([2])
  expect([kernel.calls, batch.failed]).toEqual([3, 1])
})

test.each([
  ['EIO', EIO],
  ['EINVAL', EINVAL],
  ['EMSGSIZE', EMSGSIZE],
])('%s for UDP_SEGMENT ends its use for that destination, and nothing is lost', (_, errno) => {
  const { kernel, batch, singly } = open()
  const [weak, strong] = [to(1), to(2)]
  kernel.refuse = ({ port, segmentBytes }) => (port === 1 && segmentBytes !== undefined ? errno : 0)
  const burst = (): void => {
    for (const text of ['a', 'b']) for (const one of [weak, strong]) batch.add(datagram(text), one)
    batch.flush()
  }
  burst()
  expect(singly).toEqual(['a', 'b'].map((text) => [datagram(text), 1]))
  burst()
  expect(byPort(kernel.sent)).toEqual({
    1: ['a', 'b'].map((text) => datagram(text)),
    2: ['a', 'b', 'a', 'b'].map((text) => datagram(text)),
  })
  expect([weak.segments, strong.segments, singly.length, batch.failed]).toEqual([false, true, 2, 0])
})

test('a closed socket sends nothing: its number may belong to another one', () => {
  let fd = 7
  const { kernel, batch, singly } = open({ fd: () => fd })
  batch.add(datagram('x'), to(1))
  fd = -9
  batch.flush()
  expect([kernel.calls, singly]).toEqual([0, []])
})

test('memory below 2^32 that crosses a multiple of it is not used', () => {
  const kernel = new FakeKernel(64)
  kernel.addressOf = () => 0xffff_fff0n
  const socket = { isIpv6: false, fd: () => 7, sendSingly: () => {} }
  expect(() => new SendBatch(kernel, LAYOUT_64, socket, () => {})).toThrow(/no usable memory/)
})

test('10,000 datagrams are batched and sent without an allocation', () => {
  const kernel = {
    via: 'koffi' as const,
    addressOf: () => 0x7f00_0000_0000n,
    sendmmsg: (_fd: number, _messages: bigint, count: number) => count,
    recvmmsg: () => -1,
    errno: () => 0,
  }
  const socket = { isIpv6: false, fd: () => 7, sendSingly: () => expect.unreachable() }
  const batch = new SendBatch(kernel, LAYOUT_64, socket, () => {})
  const viewers = [1, 2, 3, 4, 5].map((port) => to(port))
  const [full, last] = [datagram('x', 1180), datagram('x', 700)]
  const play = (): void => {
    for (let burst = 0; burst < 250; burst++) {
      for (let i = 0; i < 8; i++) for (const one of viewers) batch.add(i === 7 ? last : full, one)
      batch.flush()
    }
  }
  // While V8 compiles the path, its code needs memory too.
  const bytes = Array.from({ length: 12 }, () => {
    const before = getHeapStatistics().used_heap_size
    play()
    return getHeapStatistics().used_heap_size - before
  })
  expect(Math.min(...bytes) / 10_000).toBeLessThan(4)
})
