import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { resolveHost, resolveInDns } from './resolve-host.js'

/** A name server on the loopback address. @param answer undefined: it stays silent. */
async function nameServer(
  answer: (query: Buffer) => Buffer | undefined,
): Promise<{ resolver: Resolver; queries: Buffer[] }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void socket.close())
  const queries: Buffer[] = []
  socket.on('message', (query, from) => {
    queries.push(query)
    const reply = answer(query)
    if (reply !== undefined) socket.send(reply, from.port, from.address)
  })
  await once(socket, 'listening')
  const resolver = new Resolver({ timeout: 60_000, tries: 1 })
  resolver.setServers([`127.0.0.1:${socket.address().port}`])
  return { resolver, queries }
}

/** RFC 1035 section 4.1: the question again, with a code, and with one record that refers to its name. */
function reply(query: Buffer, code: number, record?: { type: number; data: Buffer }): Buffer {
  const end = query.indexOf(0, 12) + 5
  const header = Buffer.from(query.subarray(0, 12))
  header.writeUInt16BE(0x8180 | code, 2)
  header.fill(0, 6)
  if (record === undefined) return Buffer.concat([header, query.subarray(12, end)])
  header.writeUInt16BE(1, 6)
  const fields = Buffer.from([0xc0, 12, 0, record.type, 0, 1, 0, 0, 0, 60, 0, record.data.length])
  return Buffer.concat([header, query.subarray(12, end), fields, record.data])
}

const typeOf = (query: Buffer): number => query.readUInt16BE(query.indexOf(0, 12) + 1)
const signal = (): AbortSignal => new AbortController().signal
const [A, AAAA, NXDOMAIN, SERVFAIL] = [1, 28, 3, 2]

test('a name has the IPv4 and the IPv6 addresses of DNS', async () => {
  const { resolver } = await nameServer((query) =>
    typeOf(query) === A
      ? reply(query, 0, { type: A, data: Buffer.from([203, 0, 113, 7]) })
      : reply(query, 0, { type: AAAA, data: Buffer.from('20010db8000000000000000000000007', 'hex') }),
  )
  expect(await resolveHost('stun.example.org', signal(), resolver)).toEqual(['203.0.113.7', '2001:db8::7'])
})

test('one family is enough', async () => {
  const { resolver } = await nameServer((query) =>
    typeOf(query) === A
      ? reply(query, 0, { type: A, data: Buffer.from([203, 0, 113, 7]) })
      : reply(query, SERVFAIL),
  )
  expect(await resolveHost('stun.example.org', signal(), resolver)).toEqual(['203.0.113.7'])
})

test.each(['203.0.113.7', '2001:db8::7'])('%s is an address, for which nothing is asked', async (address) => {
  const { resolver, queries } = await nameServer(() => undefined)
  expect(await resolveHost(address, signal(), resolver)).toEqual([address])
  expect(queries).toEqual([])
})

test('a name without a dot is found in /etc/hosts', async () => {
  const { resolver, queries } = await nameServer(() => undefined)
  expect(await resolveHost('localhost', signal(), resolver)).toContain('127.0.0.1')
  expect(queries).toEqual([])
})

test('a name that DNS does not have is looked up in /etc/hosts', async () => {
  const { resolver, queries } = await nameServer((query) => reply(query, NXDOMAIN))
  const getAddrInfo = async () => await Promise.resolve([{ address: '192.168.1.9' }])
  expect(await resolveHost('stun.home.arpa', signal(), resolver, getAddrInfo)).toEqual(['192.168.1.9'])
  expect(queries.length).toBe(2)
})

test('a name server that fails is an error with its code', async () => {
  const { resolver } = await nameServer((query) => reply(query, SERVFAIL))
  await expect(resolveHost('stun.example.org', signal(), resolver)).rejects.toMatchObject({
    code: 'ESERVFAIL',
  })
})

test('a wait for a name server that never answers can be cancelled', async () => {
  const cancel = new AbortController()
  const { resolver } = await nameServer(() => {
    cancel.abort()
    return undefined
  })
  await expect(resolveHost('stun.example.org', cancel.signal, resolver)).rejects.toMatchObject({
    code: 'ECANCELLED',
  })
})

test('a name that a stranger chose is looked up in DNS alone, also one of the local network', async () => {
  const { resolver, queries } = await nameServer((query) => reply(query, NXDOMAIN))
  expect(await resolveInDns('turn.example.org', signal(), resolver)).toEqual([])
  expect(queries).toHaveLength(2)
  expect(await resolveInDns('pi.local', signal(), resolver)).toEqual([])
  expect(queries).toHaveLength(4)
  expect(await resolveInDns('203.0.113.7', signal(), resolver)).toEqual(['203.0.113.7'])
  expect(queries).toHaveLength(4)
})
