import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { probeStun } from './stun-probe.js'

/** What a server on the loopback address answers to each request; undefined: nothing. */
async function server(answer: (request: Buffer) => Buffer | undefined): Promise<string> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void socket.close())
  socket.on('message', (request, from) => {
    const reply = answer(request)
    if (reply !== undefined) socket.send(reply, from.port, from.address)
  })
  await once(socket, 'listening')
  return `stun:localhost:${socket.address().port}`
}

const found = async () => await Promise.resolve({ address: '127.0.0.1', family: 4 })

/** RFC 8489: a success response with XOR-MAPPED-ADDRESS 203.0.113.7:40000 behind an attribute that is skipped. */
const success = (request: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('01010014', 'hex'),
    request.subarray(4, 20),
    Buffer.from('8022000361620000', 'hex'),
    Buffer.from('002000080001bd52', 'hex'),
    Buffer.from([203 ^ 0x21, 0 ^ 0x12, 113 ^ 0xa4, 7 ^ 0x42]),
  ])

test('a server that answers tells where we come from', async () =>
  expect(await probeStun(await server(success), found)).toEqual({ kind: 'answered', address: '203.0.113.7' }))

test('the first request may get lost', async () => {
  let requests = 0
  const address = await server((request) => (++requests > 1 ? success(request) : undefined))
  expect(await probeStun(address, found)).toMatchObject({ kind: 'answered' })
})

test('an answer to somebody else is none', async () => {
  const address = await server((request) => success(Buffer.alloc(request.length)))
  expect(await probeStun(address, found, 100)).toEqual({ kind: 'silent' })
})

test('a server that says nothing is silent', async () =>
  expect(await probeStun(await server(() => undefined), found, 100)).toEqual({ kind: 'silent' }))

test('a port where nobody listens cannot be reached', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise<void>((resolve) => void socket.close(() => resolve()))
  expect(await probeStun(`stun:localhost:${port}`, found)).toEqual({ kind: 'unreachable' })
})

test.each([
  ['ENOTFOUND', 'unknown-name'],
  ['EAI_AGAIN', 'no-dns'],
])('a name that is not found (%s) is told from silence', async (code, kind) => {
  const find = async () => await Promise.reject(Object.assign(new Error('no'), { code }))
  expect(await probeStun('stun:a.example:3478', find)).toEqual({ kind })
})

test('a name server that never answers is not waited for', async () => {
  const never = async () => await new Promise<never>(() => {})
  expect(await probeStun('stun:a.example:3478', never, 50)).toEqual({ kind: 'no-dns' })
})
