import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { chooseSend, fastUdpSend, documentedSend } from './fast-send.js'

async function openSocket(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', lookup: (host, _options, answer) => answer(null, host, 4) })
  onTestFinished(() => void socket.close())
  const listening = once(socket, 'listening')
  socket.bind(0, '127.0.0.1')
  await listening
  return socket
}

test('this Node.js has the inside that the direct way takes', async () => {
  const socket = await openSocket()
  const documented = vi.spyOn(socket, 'send')
  const { implementation, sendNow: send } = chooseSend(socket)
  expect(implementation).toBe('direct')
  documented.mockClear()
  send(Buffer.from('direct'), socket.address().port, '127.0.0.1')
  expect(documented).not.toHaveBeenCalled()
})

test.each([
  ['the direct way', fastUdpSend],
  ['the documented way', documentedSend],
])(
  '%s delivers every datagram as it was when it was sent, though its memory is written again',
  async (_, way) => {
    const [sender, receiver] = [await openSocket(), await openSocket()]
    const got: string[] = []
    receiver.on('message', (datagram) => got.push(datagram.toString()))
    const send = way(sender)
    const memory = Buffer.alloc(3)
    const wanted = Array.from({ length: 100 }, (_, i) => String(100 + i))
    for (const text of wanted) {
      memory.write(text)
      expect(send(memory, receiver.address().port, '127.0.0.1')).toBe(true)
    }
    await vi.waitFor(() => expect(got).toEqual(wanted))
  },
)

test('a datagram that cannot be sent is lost, and nothing else', async () => {
  const [sender, receiver] = [await openSocket(), await openSocket()]
  const errors: Error[] = []
  sender.on('error', (error) => errors.push(error))
  const send = fastUdpSend(sender)
  expect(send(Buffer.alloc(70_000), receiver.address().port, '127.0.0.1')).toBe(true)
  const got = once(receiver, 'message')
  send(Buffer.from('next'), receiver.address().port, '127.0.0.1')
  expect(String((await got)[0])).toBe('next')
  expect(errors).toEqual([])
})

test('what waits for room in the kernel is sent later, each with the memory that was its own', async () => {
  const [sender, receiver] = [await openSocket(), await openSocket()]
  const symbol = Object.getOwnPropertySymbols(sender).find(
    ({ description }) => description === 'state symbol',
  )!
  const { handle } = (
    sender as unknown as Record<symbol, { handle: { send: (...call: unknown[]) => number } }>
  )[symbol]!
  const send = fastUdpSend(sender)
  const calls: unknown[][] = []
  Object.defineProperty(handle, 'send', {
    configurable: true,
    value: (...call: unknown[]) => calls.push(call) && 0, // no room
  })
  const [first, second] = [Buffer.from('first'), Buffer.from('second')]
  expect(send(first, receiver.address().port, '127.0.0.1')).toBe(false)
  expect(send(second, receiver.address().port, '127.0.0.1')).toBe(false)
  Reflect.deleteProperty(handle, 'send')
  expect(calls.map(([, list]) => (list as Buffer[])[0])).toEqual([first, second])
  expect(calls[0]![0]).not.toBe(calls[1]![0])
  expect(calls.map(([request, list]) => (request as { list: unknown }).list === list)).toEqual([true, true])
})

test('a socket with another inside is sent through the documented way', () => {
  const sent: unknown[][] = []
  const socket = {
    send: (...call: unknown[]) => void sent.push(call),
    getSendQueueCount: () => sent.length - 1,
  } as unknown as Socket
  const { implementation, sendNow: send } = chooseSend(socket)
  expect(implementation).toBe('documented')
  const datagram = Buffer.from('x')
  expect(send(datagram, 9, '127.0.0.1')).toBe(true)
  expect(send(datagram, 9, '127.0.0.1')).toBe(false)
  expect(sent[0]).toEqual([datagram, 9, '127.0.0.1'])
})
