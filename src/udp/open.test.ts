import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { loadKoffi } from './koffi.js'
import { layoutOf, LAYOUT_32, LAYOUT_64 } from './layout.js'
import type { Libc } from './libc.js'
import { openUdpBatches } from './open.js'

const missing = (): Libc => {
  throw new Error('Cannot find module\nRequire stack:\n- somewhere')
}
/** The real functions, but for some. */
const broken = (about: Partial<Libc>) => (): Libc => ({ ...loadKoffi(), ...about })

async function openSocket(address: string): Promise<Socket> {
  const isIpv6 = address.includes(':')
  const lookup = (
    host: string,
    _options: unknown,
    answer: (...result: [null, string, number]) => void,
  ): void => answer(null, host, isIpv6 ? 6 : 4)
  const socket = createSocket({ type: isIpv6 ? 'udp6' : 'udp4', lookup, recvBufferSize: 1 << 20 })
  onTestFinished(() => void socket.close())
  const listening = once(socket, 'listening')
  socket.bind(0, address)
  await listening
  return socket
}

const sendNothing = (): never => {
  throw new Error('sent singly')
}

test('the first library that passes its self-test is chosen, and the others have a reason', async () => {
  const { batches, unusable } = await openUdpBatches({ 'node:ffi': missing, koffi: loadKoffi })
  expect(batches.via).toBe('koffi')
  expect(unusable).toEqual({ 'node:ffi': 'Cannot find module' })
})

test.each<[string, Partial<Libc>]>([
  ['sends nothing', { sendmmsg: (_fd, _messages, count) => count }],
  ['fails to send', { sendmmsg: () => -1, errno: () => 38 }],
  ['reads nothing', { recvmmsg: () => -1 }],
  ['reads what nobody sent', { recvmmsg: () => 2 }],
  ['has no addresses', { addressOf: () => 0n }],
])('a library that %s is not used', async (_, about) => {
  const { batches, unusable } = await openUdpBatches({ koffi: broken(about) })
  expect(batches.via).toBeUndefined()
  expect(unusable).toEqual({ koffi: 'the self-test failed' })
})

test('a library with other structures is not used', async () => {
  const other = layoutOf() === LAYOUT_64 ? LAYOUT_32 : LAYOUT_64
  expect((await openUdpBatches({ koffi: loadKoffi }, () => other)).batches.via).toBeUndefined()
})

test('on a processor with unknown structures, nothing is tried', async () => {
  expect(layoutOf('arm64', 'LE')).toBe(LAYOUT_64)
  expect(layoutOf('arm', 'LE')).toBe(LAYOUT_32)
  expect([layoutOf('s390x', 'BE'), layoutOf('arm64', 'BE'), layoutOf('pdp11', 'LE')]).toEqual(
    new Array(3).fill(undefined),
  )
  const unknown = await openUdpBatches({ koffi: sendNothing }, () => undefined)
  expect(unknown.unusable).toEqual({ koffi: expect.stringContaining('not known') as string })
})

test('without a library, sockets have no batches', async () => {
  const { batches } = await openUdpBatches({ 'node:ffi': missing, koffi: missing })
  const socket = await openSocket('127.0.0.1')
  expect(batches.openSend(socket, { isIpv6: false, sendSingly: sendNothing })).toBeUndefined()
  expect(batches.reader(socket)).toBeUndefined()
  batches.flush()
})

test.each([
  ['127.0.0.1', ['127.0.0.1', '127.0.0.1']],
  ['::1', ['::1', '::1']],
  ['::', ['127.0.0.1', '::1']],
])('a socket at %s sends what several receivers get, in order', async (address, hosts) => {
  const { batches } = await openUdpBatches()
  const sender = await openSocket(address)
  const isIpv6 = address.includes(':')
  const batch = batches.openSend(sender, { isIpv6, sendSingly: sendNothing })!
  const receivers = await Promise.all(hosts.map(openSocket))
  const got = receivers.map((receiver) => {
    const some: string[] = []
    receiver.on('message', (datagram, { port }) => some.push(`${datagram.toString()} from ${port}`))
    return some
  })
  const to = receivers.map((receiver, i) => batches.destination(hosts[i]!, receiver.address().port, isIpv6))
  const texts = Array.from({ length: 100 }, (_, i) => String(i).repeat(i % 7 === 0 ? 2 : 100))
  for (const text of texts) for (const one of to) batch.add(Buffer.from(text), one)
  batches.flush()
  const wanted = texts.map((text) => `${text} from ${sender.address().port}`)
  await vi.waitFor(() => expect(got).toEqual(hosts.map(() => wanted)))
  expect(batch.failed).toBe(0)
})

test('what waits behind a datagram is read at once, in order', async () => {
  const { batches } = await openUdpBatches()
  const [sender, receiver] = [await openSocket('127.0.0.1'), await openSocket('127.0.0.1')]
  const read = batches.reader(receiver)!
  const got: string[] = []
  let together = 0
  receiver.on('message', (first) => {
    got.push(first.toString())
    together += read((datagram, { address, port }) => {
      expect([address, port]).toEqual(['127.0.0.1', sender.address().port])
      got.push(datagram.toString())
    })
  })
  const batch = batches.openSend(sender, { isIpv6: false, sendSingly: sendNothing })!
  const to = batches.destination('127.0.0.1', receiver.address().port, false)
  const texts = Array.from({ length: 20 }, (_, i) => `datagram ${i}`)
  for (const text of texts) batch.add(Buffer.from(text), to)
  batches.flush()
  await vi.waitFor(() => expect(got).toEqual(texts))
  expect(together).toBeGreaterThan(0)
})

test('a closed socket is neither read nor written', async () => {
  const { batches } = await openUdpBatches()
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const batch = batches.openSend(socket, { isIpv6: false, sendSingly: sendNothing })!
  const read = batches.reader(socket)!
  batch.add(Buffer.from('late'), batches.destination('127.0.0.1', socket.address().port, false))
  socket.close()
  batches.flush()
  expect(read(sendNothing)).toBe(0)
})
