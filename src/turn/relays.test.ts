import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  channelData,
  openTurnServer,
  type TestTurnServer,
  type TurnServerOptions,
} from '../../test/support/turn-server.js'
import { uint32, writeStun, xorMappedAddress } from '../../test/support/viewer-stun.js'
import type { Allocation, AllocationTiming } from './allocation.js'
import { openRelays, type Relays } from './relays.js'
import type { TurnServer } from './turn-server.js'

const resolve = async (): Promise<string[]> => await Promise.resolve([])
const timing: AllocationTiming = { rebindMs: 60_000, minRefreshMs: 60_000, maxRefreshMs: 60_000 }
const at = ({ uri }: { uri: string }): TurnServer => ({ uri, username: 'anna', password: 'secret' })

async function open(
  servers: TurnServer[],
  more: { limitMs?: number; timing?: AllocationTiming } = {},
): Promise<Relays> {
  const relays = await openRelays(servers, new AbortController().signal, { resolve, timing, ...more })
  onTestFinished(async () => {
    for (const one of relays.allocations) await one[Symbol.asyncDispose]()
  })
  return relays
}

async function openOne(
  options: TurnServerOptions = {},
  own: Partial<AllocationTiming> = {},
): Promise<{ server: TestTurnServer; allocation: Allocation }> {
  const server = await openTurnServer(options)
  const { allocations, problems } = await open([at(server)], { timing: { ...timing, ...own } })
  expect(problems).toEqual([])
  return { server, allocation: allocations[0]! }
}

/** Somebody whom the server relays to. */
async function openPeer() {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  await once(socket.bind(0, '127.0.0.1'), 'listening')
  const packets: string[] = []
  socket.on('message', (packet) => packets.push(packet.toString()))
  return { socket, packets, address: { address: '127.0.0.1', port: socket.address().port } }
}

const typesOf = ({ requests }: TestTurnServer): string => requests.map(({ type }) => type).join()

describe.each(['udp', 'tcp'] as const)('over %s', (transport) => {
  test('packets of every length arrive in both directions, and the address is freed at the end', async () => {
    const { server, allocation } = await openOne({ transport })
    const peer = await openPeer()
    const arrived: string[] = []
    allocation.onData = (packet) => arrived.push(packet.toString())
    expect(allocation.relayed).toEqual({ address: '127.0.0.1', port: server.relayPorts[0] })
    allocation.permit(peer.address)
    const channel = allocation.channelTo(peer.address)!
    await vi.waitFor(() => {
      channel.send(Buffer.from('first'))
      expect(peer.packets).toContain('first')
    })
    for (const text of ['a', 'ab', 'abc', 'abcd', 'abcde']) {
      channel.send(Buffer.from(text))
      peer.socket.send(text, allocation.relayed.port, '127.0.0.1')
    }
    await vi.waitFor(() =>
      expect(peer.packets).toEqual(expect.arrayContaining(['a', 'ab', 'abc', 'abcd', 'abcde'])),
    )
    await vi.waitFor(() => expect(arrived).toEqual(['a', 'ab', 'abc', 'abcd', 'abcde']))
    await allocation[Symbol.asyncDispose]()
    expect(server.requests.at(-1)).toMatchObject({ type: 'refresh', lifetime: 0 })
    await vi.waitFor(() => expect(server.allocations()).toBe(0))
    expect(channel.send(Buffer.from('late'))).toBe(true)
  })

  test('a server that goes away ends the allocation', async () => {
    const { server, allocation } = await openOne({ transport }, { minRefreshMs: 200, maxRefreshMs: 200 })
    const onClosed = vi.fn<() => void>()
    allocation.onClosed = onClosed
    await server[Symbol.asyncDispose]()
    await vi.waitFor(() => expect(onClosed).toHaveBeenCalledOnce())
    expect(allocation.isOpen).toBe(false)
  })
})

test('another port of a permitted address gets in, another address does not', async () => {
  const { server, allocation } = await openOne()
  const [peer, other] = [await openPeer(), await openPeer()]
  const from: object[] = []
  allocation.onData = (_packet, address) => from.push(address)
  allocation.permit(peer.address)
  await vi.waitFor(() => expect(typesOf(server)).toBe('allocate,allocate,bind'))
  other.socket.send('x', allocation.relayed.port, '127.0.0.1')
  await vi.waitFor(() => expect(from).toEqual([other.address]))
  const id = Buffer.alloc(12)
  const [, stranger] = xorMappedAddress('127.0.0.9', 5000, id)
  const indication = (peerAddress: Buffer): Buffer =>
    writeStun({
      type: 0x17,
      transactionId: id,
      attributes: [
        [18, peerAddress],
        [19, Buffer.from('y')],
      ],
    })
  server.shout(indication(stranger))
  server.shout(indication(xorMappedAddress('127.0.0.1', 5001, id)[1]))
  await vi.waitFor(() => expect(from).toHaveLength(2))
  expect(from[1]).toEqual({ address: '127.0.0.1', port: 5001 })
})

test('no more than 16 peers are asked for, whatever an answer names', async () => {
  const { server, allocation } = await openOne()
  for (let port = 1; port <= 100; port++) allocation.permit({ address: '127.0.0.1', port })
  allocation.permit({ address: '::1', port: 1 })
  await vi.waitFor(() => expect(typesOf(server).match(/bind/g)).toHaveLength(16))
  expect(allocation.channelTo({ address: '127.0.0.1', port: 17 })).toBeUndefined()
})

test('allocation and channels are refreshed, with a new nonce when the server wants one', async () => {
  const { server, allocation } = await openOne({}, { rebindMs: 300, minRefreshMs: 200, maxRefreshMs: 200 })
  allocation.permit({ address: '127.0.0.1', port: 9 })
  await vi.waitFor(() => expect(typesOf(server).match(/bind/g)!.length).toBeGreaterThan(2))
  server.forgetNonce()
  const before = server.requests.length
  await vi.waitFor(() =>
    expect(
      server.requests.slice(before + 2).filter(({ type, isAuthentic }) => type === 'refresh' && isAuthentic)
        .length,
    ).toBeGreaterThan(1),
  )
  expect(allocation.isOpen).toBe(true)
})

test('a lifetime of zero makes no loop of requests', async () => {
  const { server } = await openOne({ lifetimeS: 0 }, { minRefreshMs: 400, maxRefreshMs: 60_000 })
  const startedMs = performance.now()
  await vi.waitFor(() => expect(typesOf(server).match(/refresh/g)!.length).toBeGreaterThan(1))
  const took = performance.now() - startedMs
  expect(typesOf(server).match(/refresh/g)!.length).toBeLessThanOrEqual(1 + took / 400)
})

test.each<[string, TurnServerOptions, RegExp]>([
  [
    'another password',
    { password: 'other' },
    /does not accept the credentials \(401\): check webrtc\.turn-secret/,
  ],
  ['another user', { username: 'ben' }, /\(401\)/],
  ...(
    [
      [300, /another server \(300\)/],
      [403, /forbids .* \(403\)/],
      [437, /\(437\)/],
      [442, /does not relay UDP \(442\)/],
      [486, /quota of this user \(486\)/],
      [508, /no free port .* \(508\)/],
      [500, /refuses to allocate an address \(500\)/],
    ] as const
  ).map(([error, text]): [string, TurnServerOptions, RegExp] => [
    `error ${error}`,
    { instead: ({ respond }) => (respond({ error }), true) },
    text,
  ]),
  [
    'challenges without end',
    {
      instead: ({ respond }) => (
        respond({
          error: 438,
          attributes: [
            [21, Buffer.from('n')],
            [20, Buffer.from('r')],
          ],
        }),
        true
      ),
    },
    /\(438\)/,
  ],
  ['a challenge without a nonce', { instead: ({ respond }) => (respond({ error: 401 }), true) }, /\(401\)/],
  ['no answer', { instead: () => true }, /does not answer: check its address and its UDP port/],
  [
    'a success that is signed with another key',
    {
      instead: ({ type, isAuthentic, transactionId, reply }) => {
        if (!isAuthentic) return false
        const attributes = [xorMappedAddress('127.0.0.1', 9, transactionId)]
        reply(writeStun({ type: type === 'allocate' ? 0x103 : 0, transactionId, attributes, password: 'x' }))
        return true
      },
    },
    /does not answer/,
  ],
  [
    'a success without an address',
    { instead: ({ isAuthentic, respond }) => isAuthentic && (respond({}), true) },
    /something else than TURN/,
  ],
  [
    'an address that nobody can send to',
    {
      instead: ({ isAuthentic, respond, transactionId }) =>
        isAuthentic &&
        (respond({ attributes: [[22, xorMappedAddress('224.0.0.1', 9, transactionId)[1]]] }), true),
    },
    /nobody can send to \(224\.0\.0\.1\)/,
  ],
  [
    'TCP without TURN',
    { transport: 'tcp', instead: ({ reply }) => (reply(Buffer.from('HTTP/1.1 400 Bad\r\n')), true) },
    /something else than TURN/,
  ],
  [
    'a message that is too long',
    { transport: 'tcp', instead: ({ reply }) => (reply(Buffer.from([0, 1, 0xff, 0xfc])), true) },
    /something else than TURN/,
  ],
])('a server with %s is reported, and others are used', async (_what, options, text) => {
  const [bad, good] = [await openTurnServer(options), await openTurnServer()]
  const { allocations, problems } = await open([at(bad), at(good)], { limitMs: 1500 })
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(text)
  expect(problems[0]).toContain(`The TURN server ${bad.uri} `)
  expect(allocations.map(({ relayed }) => relayed.port)).toEqual(good.relayPorts)
})

test('servers that are not there, without a name, or with DTLS are reported', async () => {
  const tcp = createServer().listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const { port } = tcp.address() as { port: number }
  await new Promise((closed) => tcp.close(closed))
  const { allocations, problems } = await open(
    [
      `turn:127.0.0.1:${port}?transport=tcp`,
      `turn:127.0.0.1:${port}?transport=udp`,
      'turn:turn.invalid:3478?transport=udp',
      'turns:127.0.0.1:5349?transport=udp',
    ].map((uri) => at({ uri })),
    { limitMs: 1000 },
  )
  expect(allocations).toEqual([])
  expect(problems).toMatchObject([
    expect.stringMatching(/refuses the connection/),
    expect.stringMatching(/refuses the connection/),
    expect.stringMatching(/a name without an address/),
    expect.stringMatching(/needs DTLS/),
  ])
})

test('of five servers four are asked, and after the first address the others are not waited for long', async () => {
  const good = await openTurnServer()
  const silent = await Promise.all(
    [1, 2, 3, 4].map(async () => await openTurnServer({ instead: () => true })),
  )
  const startedMs = performance.now()
  const { allocations, problems } = await open([good, ...silent].map(at), { limitMs: 20_000 })
  expect(performance.now() - startedMs).toBeLessThan(15_000)
  expect([allocations.length, problems.length]).toEqual([1, 3])
  expect(silent[3]!.requests).toEqual([])
})

test('an aborted push holds no allocation', async () => {
  const server = await openTurnServer()
  const silent = await openTurnServer({ instead: () => true })
  const stop = new AbortController()
  const relays = openRelays([at(server), at(silent)], stop.signal, { resolve, timing, limitMs: 20_000 })
  await vi.waitFor(() => expect(server.allocations()).toBe(1))
  stop.abort(new Error('it is over'))
  await expect(relays).rejects.toThrow('it is over')
  await vi.waitFor(() => expect(server.allocations()).toBe(0))
})

test('nonsense from the server changes nothing', async () => {
  const { server, allocation } = await openOne()
  const peer = await openPeer()
  const onData = vi.fn<() => void>()
  allocation.onData = onData
  allocation.permit(peer.address)
  const hostile = [
    Buffer.alloc(0),
    Buffer.alloc(3),
    Buffer.from([0x40, 0, 0xff, 0xff]),
    channelData(0x4fff, Buffer.from('unknown')),
    Buffer.concat([Buffer.from([1, 3, 0, 0]), uint32(0x2112a442), Buffer.alloc(12)]),
    Buffer.concat([
      Buffer.from([0, 0x17, 0, 8]),
      uint32(0x2112a442),
      Buffer.alloc(12),
      Buffer.from([0, 18, 0xff, 0xff]),
    ]),
    ...Array.from({ length: 200 }, (_, i) => randomBytes(i)),
  ]
  for (const message of hostile) server.shout(message)
  const channel = allocation.channelTo(peer.address)!
  await vi.waitFor(() => {
    channel.send(Buffer.from('still'))
    expect(peer.packets).toContain('still')
  })
  expect(onData).not.toHaveBeenCalled()
  expect(allocation.isOpen).toBe(true)
})

describe('of a server that somebody else has named', () => {
  const named = (uri: string, mayName: (address: string) => boolean): TurnServer => ({
    ...at({ uri }),
    namedBy: { host: 'media.example', mayName },
  })

  test('the address that is connected to is judged, and its name is resolved once', async () => {
    const server = await openTurnServer()
    const answers = [['203.0.113.9', '127.0.0.1', '::1'], ['10.0.0.1']]
    const judged: string[] = []
    const relays = await openRelays(
      [
        named(`turn:turn.example:${server.port}?transport=udp`, (address) => {
          judged.push(address)
          return address === '127.0.0.1'
        }),
      ],
      new AbortController().signal,
      { resolve, resolveNamed: async () => await Promise.resolve(answers.shift() ?? []), timing },
    )
    onTestFinished(async () => {
      for (const one of relays.allocations) await one[Symbol.asyncDispose]()
    })
    expect(relays.problems).toEqual([])
    expect(relays.allocations.map(({ relayed }) => relayed.port)).toEqual(server.relayPorts)
    expect(judged).toEqual(['203.0.113.9', '127.0.0.1', '::1'])
    expect(answers).toHaveLength(1)
  })

  test.each(['udp', 'tcp'] as const)('a refused address gets nothing over %s', async (transport) => {
    const server = await openTurnServer({ transport })
    const { allocations, problems } = await open([named(server.uri, () => false)])
    expect(allocations).toEqual([])
    expect(problems).toEqual([
      `The TURN server ${server.uri}, which media.example named, is at an address that a server elsewhere must not lead to (loopback, private, link-local or multicast)`,
    ])
    expect(server.requests).toEqual([])
  })

  test('wrong credentials are said without keys of the configuration', async () => {
    const server = await openTurnServer({ password: 'other' })
    const { problems } = await open([named(server.uri, () => true)])
    expect(problems).toEqual([
      `The TURN server ${server.uri}, which media.example named, does not accept the credentials (401)`,
    ])
  })
})
