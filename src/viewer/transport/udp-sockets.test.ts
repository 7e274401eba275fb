import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { bindUdpSocket, type Address } from './udp-socket.js'
import { MAX_LOCAL_SOCKETS, openUdpSockets, UdpSockets } from './udp-sockets.js'

/** Answers every datagram on the way that it came. */
function open(address: string, local: string[]) {
  const errors: Error[] = []
  const received: Address[] = []
  const main = bindUdpSocket({ port: 0, address, isShared: true })
  const events = {
    onDatagram: (datagram: Buffer, from: Address) => {
      received.push(from)
      from.via!.send(datagram, from.port, from.address)
    },
    onError: (error: Error) => void errors.push(error),
    onNoRoom: () => {},
  }
  const sockets = new UdpSockets(main, events, () => local)
  onTestFinished(async () => await sockets[Symbol.asyncDispose]())
  return { sockets, errors, received, port: sockets.main.port }
}

/** A socket of a client, and the address from which a question is answered. */
async function openClient(bindIp = '127.0.0.1') {
  const socket = createSocket(bindIp.includes(':') ? 'udp6' : 'udp4')
  onTestFinished(() => void socket.close())
  socket.bind(0, bindIp)
  await once(socket, 'listening')
  return {
    ask: async (address: string, port: number): Promise<string> => {
      const answered = once(socket, 'message') as Promise<[Buffer, RemoteInfo]>
      socket.send('?', port, address)
      return (await answered)[1].address
    },
  }
}

test.each(['0.0.0.0', '::'])(
  'on %s, a datagram to an address with a socket is answered from that address',
  async (wildcard) => {
    const { port, sockets, received } = open(wildcard, ['127.0.0.2', '127.0.0.3'])
    const client = await openClient()
    expect(sockets.addresses).toEqual(['127.0.0.2', '127.0.0.3'])
    expect(await client.ask('127.0.0.2', port)).toBe('127.0.0.2')
    expect(await client.ask('127.0.0.3', port)).toBe('127.0.0.3')
    // The kernel prefers 127.0.0.1 for what a wildcard socket sends.
    expect(await client.ask('127.0.0.4', port)).toBe('127.0.0.1')
    expect(received.map(({ address }) => address)).toEqual(Array(3).fill('127.0.0.1'))
  },
)

test('sockets follow the addresses of the machine, and a path through one that is gone leads through the main socket', async () => {
  const local = ['127.0.0.2']
  const { sockets, port, received } = open('0.0.0.0', local)
  const client = await openClient()
  expect(await client.ask('127.0.0.2', port)).toBe('127.0.0.2')
  const { via } = received[0]!
  expect(via!.isOpen).toBe(true)
  local.splice(0, 1, '127.0.0.3')
  sockets.follow()
  expect(sockets.addresses).toEqual(['127.0.0.3'])
  expect(via!.isOpen).toBe(false)
  expect(await client.ask('127.0.0.3', port)).toBe('127.0.0.3')
  expect(await client.ask('127.0.0.2', port)).toBe('127.0.0.1')
  expect(via!.send(Buffer.from('late'), 9, '127.0.0.1')).toBe(true)
})

test('it looks at the addresses again every two seconds, until it is closed', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const local: string[] = []
  const { sockets } = open('0.0.0.0', local)
  local.push('127.0.0.2')
  vi.advanceTimersByTime(3000)
  expect(sockets.addresses).toEqual(['127.0.0.2'])
  await sockets[Symbol.asyncDispose]()
  expect(vi.getTimerCount()).toBe(0)
  local.push('127.0.0.3')
  sockets.follow()
  expect(sockets.addresses).toEqual(['127.0.0.2'])
})

test('an address that cannot be bound yet is tried again without a word; any other failure is reported once', () => {
  const local = ['192.0.2.1', 'fe80::1%gone', '127.0.0.3']
  const { sockets, errors } = open('0.0.0.0', local)
  sockets.follow()
  expect(sockets.addresses).toEqual(['127.0.0.3'])
  expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('fe80::1%gone')])
  local.pop()
  local.pop()
  sockets.follow()
  local.push('fe80::1%gone')
  sockets.follow()
  expect(errors.length).toBe(2)
})

test('the number of sockets is limited', () => {
  const local = Array.from({ length: 100 }, (_, i) => `127.0.1.${i + 1}`)
  const { sockets } = open('0.0.0.0', local)
  expect(sockets.addresses).toEqual(local.slice(0, MAX_LOCAL_SOCKETS))
})

test.each(['0.0.0.0', '::'])('a port of %s that another program has is refused', (address) => {
  const events = { onDatagram: () => {}, onError: () => {}, onNoRoom: () => {} }
  const first = openUdpSockets(0, address, events)
  onTestFinished(async () => await first[Symbol.asyncDispose]())
  expect(() => openUdpSockets(first.main.port, address, events)).toThrow(/EADDRINUSE/)
})

test('only a wildcard has sockets beside the main one', async () => {
  const events = { onDatagram: () => {}, onError: () => {}, onNoRoom: () => {} }
  await using single = openUdpSockets(0, '127.0.0.1', events)
  await using all = openUdpSockets(0, '0.0.0.0', events)
  await using both = openUdpSockets(0, '::', events)
  expect(single.addresses).toEqual([])
  expect(all.addresses).toContain('127.0.0.1')
  expect(all.addresses.filter((address) => address.includes(':'))).toEqual([])
  expect(both.addresses).toEqual(expect.arrayContaining(all.addresses))
})
