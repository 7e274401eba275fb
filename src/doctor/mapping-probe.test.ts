import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { probeMapping } from './mapping-probe.js'

/** A socket on the loopback address that answers requests. */
async function stunServer(answer: (request: Buffer, port: number) => Buffer | undefined): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void socket.close())
  socket.on('message', (request, from) => {
    const reply = answer(request, from.port)
    if (reply !== undefined) socket.send(reply, from.port, from.address)
  })
  await once(socket, 'listening')
  return socket
}

/** A success response: XOR-MAPPED-ADDRESS 127.0.0.1 with a port, and OTHER-ADDRESS (RFC 5780 section 7.4). */
function response(request: Buffer, port: number, other?: number): Buffer {
  const mapped = Buffer.from('0020000800010000', 'hex')
  mapped.writeUInt16BE(port ^ 0x2112, 6)
  const attributes = [mapped, Buffer.from([127 ^ 0x21, 0x12, 0xa4, 1 ^ 0x42])]
  if (other !== undefined) {
    const address = Buffer.from('802c0008000100007f000001', 'hex')
    address.writeUInt16BE(other, 6)
    attributes.push(address)
  }
  const body = Buffer.concat(attributes)
  const header = Buffer.from([1, 1, 0, body.length])
  return Buffer.concat([header, request.subarray(4, 20), body])
}

const found = async () => await Promise.resolve(['127.0.0.1'])
const uriOf = (socket: Socket): string => `stun:stun.example:${socket.address().port}`

test('a server with a second address is asked twice from one socket', async () => {
  const second = await stunServer((request, port) => response(request, port + 1))
  const first = await stunServer((request, port) => response(request, port, second.address().port))
  const answer = await probeMapping(uriOf(first), 0, found)
  if (answer.kind !== 'answered') throw new Error(answer.kind)
  expect(answer.mapped).toEqual({ address: '127.0.0.1', port: answer.port })
  expect(answer.second).toEqual({ address: '127.0.0.1', port: answer.port + 1 })
})

test('a server with one address leaves the behaviour open', async () => {
  const server = await stunServer((request, port) => response(request, port))
  expect(await probeMapping(uriOf(server), 0, found)).toMatchObject({ kind: 'answered', second: undefined })
})

test('a port that a program uses is replaced by a free one', async () => {
  const server = await stunServer((request, port) => response(request, port))
  const taken = createSocket('udp4').bind(0)
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const answer = await probeMapping(uriOf(server), taken.address().port, found)
  if (answer.kind !== 'answered') throw new Error(answer.kind)
  expect(answer.port).not.toBe(taken.address().port)
})

test('answers of another transaction, and silence, are no answer', async () => {
  const forger = await stunServer((request, port) => response(Buffer.alloc(request.length), port))
  expect(await probeMapping(uriOf(forger), 0, found, 100)).toEqual({ kind: 'silent' })
  const silent = await stunServer(() => undefined)
  expect(await probeMapping(uriOf(silent), 0, found, 100)).toEqual({ kind: 'silent' })
})

test('a second address that is silent leaves the behaviour open', async () => {
  const silent = await stunServer(() => undefined)
  const server = await stunServer((request, port) => response(request, port, silent.address().port))
  expect(await probeMapping(uriOf(server), 0, found, 200)).toMatchObject({
    kind: 'answered',
    second: undefined,
  })
})

test.each([
  ['ENOTFOUND', 'unknown-name'],
  ['ETIMEOUT', 'no-dns'],
])('a name that is not found (%s) is told from silence', async (code, kind) => {
  const find = async () => await Promise.reject(Object.assign(new Error('no'), { code }))
  expect(await probeMapping('stun:a.example:3478', 0, find)).toEqual({ kind })
})

test('a name without an IPv4 address, and a name server that never answers', async () => {
  expect(await probeMapping('stun:a.example:3478', 0, async () => await Promise.resolve([]))).toEqual({
    kind: 'unknown-name',
  })
  const never = async () => await new Promise<never>(() => {})
  expect(await probeMapping('stun:a.example:3478', 0, never, 50)).toEqual({ kind: 'no-dns' })
})
