import { describe, expect, onTestFinished, test } from 'vitest'
import { becomes, CAMERA, FakeCamera } from '../../test/support/viewer-server.js'
import { createIdentity, plaintextAlert } from '../../test/support/viewer-client.js'
import { connectivityCheck, writeStun } from '../../test/support/viewer-stun.js'
import { channelData, openTurnServer, type TestTurnServer } from '../../test/support/turn-server.js'
import { openWhipServer, type WhipServerOptions } from '../../test/support/whip-server.js'
import { defaultConfig } from '../config/parse.js'
import { parsePushes } from '../config/push.js'
import { silentLog } from '../log.js'
import { Pushes } from '../push/pushes.js'
import { openSrtpBatch } from '../srtp/batch.js'
import { PushSessions, pushTiming } from './push-sessions.js'
import type { SessionTiming } from './session.js'
import { openUdpMux } from './transport/udp-mux.js'
import { prepareWerift } from './werift/prepare.js'

/** Then what comes from the server makes no path either. */
const WRONG_PASSWORD = 'a=ice-pwd:anotherPasswordOf22Letters'

/** A camera, and its push to a server of the test; closed when the test is over. */
async function openPush(
  options: WhipServerOptions = {},
  timing: Partial<SessionTiming> = {},
  turn: () => readonly TestTurnServer[] = () => [],
) {
  const server = await openWhipServer(options)
  const camera = new FakeCamera(options.codec ?? 'vp8')
  const mux = await openUdpMux(0, '127.0.0.1', () => {})
  const sessions = new PushSessions({
    media: { mux },
    srtp: openSrtpBatch(),
    fingerprint: await prepareWerift(silentLog),
    addresses: () => [{ address: '127.0.0.1' }],
    config: { webrtc: { maxClients: 0 }, limits: defaultConfig().limits },
    log: silentLog,
    timing: { ...pushTiming, ...timing },
    turnServers: () => turn().map(({ uri }) => ({ uri, username: 'anna', password: 'secret' })),
  })
  const pushes = new Pushes(() => silentLog)
  onTestFinished(async () => {
    camera.pause()
    await pushes[Symbol.asyncDispose]()
    expect(mux.held).toEqual({ agents: 0, addresses: 0, transactions: 0 })
    await mux[Symbol.asyncDispose]()
  })
  camera.play()
  const open = (url = `${server.origin}/whip`): void =>
    pushes.open(
      {
        key: CAMERA,
        isLive: () => true,
        viewers: () => 0,
        watch: () => ({ [Symbol.dispose]: () => {} }),
        offer: async (host, named, signal) => await sessions.offer(CAMERA, camera, host, named, signal),
      },
      parsePushes({ url, token: 'abc' }),
    )
  open()
  return { server, camera, pushes, mux, open, view: () => pushes.views(CAMERA)[0]! }
}

test.each<[string, WhipServerOptions]>([
  ['as the DTLS client', { dtls: 'client' }],
  ['as the DTLS server', { dtls: 'server' }],
  ['as an ICE-lite agent and the DTLS client', { dtls: 'client', iceLite: true }],
  ['as an ICE-lite agent and the DTLS server', { dtls: 'server', iceLite: true }],
  ['with H.264', { codec: 'h264' }],
  ['that names no resource', { headers: { location: '' } }],
])(
  'a server %s gets the stream, with numbers without a gap, its MID and the send time',
  async (_how, options) => {
    const { server, view } = await openPush(options)
    await becomes(() => expect(server.sessions[0]?.packets.length).toBeGreaterThan(50))
    const { packets } = server.sessions[0]!
    const numbers = packets.map(({ header }) => header.sequenceNumber).sort((a, b) => a - b)
    expect(numbers.at(-1)! - numbers[0]!).toBe(numbers.length - 1)
    expect(new Set(packets.map(({ header }) => header.ssrc)).size).toBe(1)
    const extensions = packets.map(
      ({ header }) => new Map(header.extensions.map(({ id, payload }) => [id, payload])),
    )
    expect(extensions.every((own) => own.get(1)?.toString() === '0')).toBe(true)
    expect(extensions.every((own) => own.get(2)?.length === 3)).toBe(true)
    expect(view()).toMatchObject({ state: 'live', problem: undefined })
  },
)

test('a restart of the capture is invisible to the server', async () => {
  const { server, camera } = await openPush()
  await becomes(() => expect(server.sessions[0]?.packets.length).toBeGreaterThan(50))
  camera.restart()
  const before = server.sessions[0]!.packets.length
  await becomes(() => expect(server.sessions[0]!.packets.length).toBeGreaterThan(before + 50))
  expect(server.sessions).toHaveLength(1)
  const numbers = server.sessions[0]!.packets.map(({ header }) => header.sequenceNumber).sort((a, b) => a - b)
  expect(numbers.at(-1)! - numbers[0]!).toBe(numbers.length - 1)
})

test('two redirects and a 403 later the stream flows', async () => {
  const { server, view } = await openPush({
    instead: ({ path, method }, count) => {
      if (method === 'DELETE') return undefined
      if (count === 1) return { status: 403, body: 'already in use' }
      if (path === '/whip') return { status: 307, headers: { location: '/region' } }
      return path === '/region' ? { status: 308, headers: { location: '/edge' } } : undefined
    },
  })
  await becomes(() => expect(server.sessions[0]?.packets.length).toBeGreaterThan(10))
  expect(server.requests.map(({ path }) => path)).toEqual(['/whip', '/whip', '/region', '/edge'])
  expect(server.requests.every(({ headers }) => headers.authorization === 'Bearer abc')).toBe(true)
  expect(view()).toMatchObject({ state: 'live', reconnects: 0 })
})

test('a server that goes away without a word and comes back gets another session', async () => {
  const { server, view } = await openPush({}, { silenceLimitMs: 3000 })
  await becomes(() => expect(server.sessions[0]?.packets.length).toBeGreaterThan(10))
  const { pc } = server.sessions[0]!
  const { protocols } = pc.dtlsTransports[0]!.iceTransport.connection as unknown as {
    protocols: { transport: { close(): Promise<void> } }[]
  }
  for (const { transport } of protocols) await transport.close()
  await becomes(() => expect(view().state).not.toBe('live'))
  await becomes(() => expect(server.sessions[1]?.packets.length).toBeGreaterThan(10))
  expect(view().reconnects).toBe(1)
})

test('the keyframe requests of the server reach the camera', async () => {
  const { server, camera, view } = await openPush()
  await becomes(() => expect(server.sessions[0]?.packets.length).toBeGreaterThan(10))
  const before = camera.keyframeRequests
  const [receiver] = server.sessions[0]!.pc.getReceivers()
  await receiver!.sendRtcpPLI(server.sessions[0]!.packets[0]!.header.ssrc)
  await becomes(() => expect(view().total.keyframeRequests).toBe(1))
  expect(camera.keyframeRequests).toBeGreaterThan(before)
})

test.each<[string, (answer: string) => string, string]>([
  ['nonsense', () => 'v=0\r\nm=nonsense', 'push-bad-answer'],
  ['another certificate', (answer) => answer.replace(/(sha-256 )../, '$100'), 'push-dtls-failed'],
  ['another codec', (answer) => answer.replaceAll('VP8', 'VP9'), 'push-not-acceptable'],
  ['a rejected section', (answer) => answer.replace(/m=video \d+/, 'm=video 0'), 'push-not-acceptable'],
  ['a wrong password', (answer) => answer.replace(/a=ice-pwd:\S+/, WRONG_PASSWORD), 'push-ice-failed'],
  ['too long', (answer) => answer + 'a=x\r\n'.repeat(20_000), 'push-answer-too-large'],
])('an answer with %s is a failure of its own', async (_what, tamper, cause) => {
  const { view, server } = await openPush({ tamper }, { connectLimitMs: 2000 })
  await becomes(() => expect(view().problem?.cause).toBe(cause))
  expect(server.sessions.every(({ packets }) => packets.length === 0)).toBe(true)
})

test.each(['client', 'server'] as const)(
  'a DTLS %s that shows a certificate without its key gets nothing',
  async (dtls) => {
    const [shown, own] = [await createIdentity(), await createIdentity()]
    const identity = { certPem: shown.certPem, keyPem: own.keyPem }
    const { server, view } = await openPush({ dtls, identity })
    await becomes(() => expect(view().problem?.cause).toBe('push-impostor'))
    expect(server.sessions.every(({ packets }) => packets.length === 0)).toBe(true)
  },
)

test('a server whose answer has no candidates may come to ours', async () => {
  const tamper = (answer: string): string => answer.replaceAll(/a=candidate.*\r\n/g, '')
  const { server } = await openPush({ tamper })
  await becomes(() => expect(server.sessions[0]?.packets.length).toBeGreaterThan(10))
})

test('of the candidates of an answer a bounded number is checked', async () => {
  const { mux, view } = await openPush(
    {
      tamper: (answer) =>
        answer
          .replace(
            /a=candidate.*\r\n/g,
            Array.from(
              { length: 100 },
              (_, i) => `a=candidate:${i} 1 udp 1 127.0.0.1 ${20_000 + i} typ host\r\n`,
            ).join(''),
          )
          .replace(/a=ice-pwd:\S+/, WRONG_PASSWORD),
    },
    { connectLimitMs: 3000 },
  )
  await becomes(() => expect(view().problem?.cause).toBe('push-ice-failed'))
  expect(mux.dropped.unprovenAddress).toBeGreaterThan(0)
})

describe.each(['udp', 'tcp'] as const)('with a TURN server over %s', (transport) => {
  test('to which alone the media server listens, every packet goes through it, and the end frees its address', async () => {
    const turn = await openTurnServer({ transport })
    const { server, pushes, view } = await openPush(
      { accepts: ({ port }) => turn.relayPorts.includes(port) },
      {},
      () => [turn],
    )
    await becomes(() => expect(server.sessions[0]?.packets.length).toBeGreaterThan(50))
    const numbers = server.sessions[0]!.packets.map(({ header }) => header.sequenceNumber).sort(
      (a, b) => a - b,
    )
    expect(numbers.at(-1)! - numbers[0]!).toBe(numbers.length - 1)
    expect(turn.relayed).toBeGreaterThan(50)
    expect(view()).toMatchObject({ state: 'live', problem: undefined, path: { relayed: true } })
    const relayed = `127.0.0.1 ${turn.relayPorts[0]} typ relay`
    expect(server.requests[0]!.body).toContain(relayed)
    await becomes(() => expect(view().path?.roundTripMs).toBeGreaterThanOrEqual(0))
    await pushes.close(CAMERA)
    await becomes(() => expect(turn.allocations()).toBe(0))
    expect(turn.requests.at(-1)).toMatchObject({ type: 'refresh', lifetime: 0 })
  })

  test('a path without it is preferred', async () => {
    const turn = await openTurnServer({ transport })
    const { server, view } = await openPush({}, {}, () => [turn])
    await becomes(() => expect(server.sessions[0]?.packets.length).toBeGreaterThan(50))
    expect(view().path).toMatchObject({ relayed: false })
    const before = turn.relayed
    const { length } = server.sessions[0]!.packets
    await becomes(() => expect(server.sessions[0]!.packets.length).toBeGreaterThan(length + 50))
    expect(turn.relayed - before).toBeLessThan(20)
  })

  test('that goes away is replaced by another session through the next one', async () => {
    const first = await openTurnServer({ transport })
    const second = await openTurnServer({ transport })
    let isGone = false
    const { server, view } = await openPush(
      { accepts: ({ port }) => [...first.relayPorts, ...second.relayPorts].includes(port) },
      { silenceLimitMs: 3000 },
      () => (isGone ? [first, second] : [first]),
    )
    await becomes(() => expect(server.sessions[0]?.packets.length).toBeGreaterThan(10))
    isGone = true
    await first[Symbol.asyncDispose]()
    await becomes(() => expect(server.sessions[1]?.packets.length).toBeGreaterThan(10))
    await becomes(() => expect(view()).toMatchObject({ state: 'live', path: { relayed: true } }))
    expect(second.relayed).toBeGreaterThan(10)
  })
})

test('a TURN server that refuses the password is named when nothing else leads to the media server', async () => {
  const turn = await openTurnServer({ password: 'other' })
  const { view } = await openPush({ accepts: () => false }, { connectLimitMs: 2000 }, () => [turn])
  await becomes(() => expect(view().problem?.cause).toBe('push-ice-failed'))
  expect(view().problem!.message).toContain(
    `The TURN server ${turn.uri} does not accept the credentials (401)`,
  )
})

test('what a TURN server makes up is dropped: unsigned checks, foreign responses, packets of nobody', async () => {
  const turn = await openTurnServer()
  const { server, view } = await openPush(
    { accepts: ({ port }) => turn.relayPorts.includes(port) },
    {},
    () => [turn],
  )
  await becomes(() => expect(server.sessions[0]?.packets.length).toBeGreaterThan(10))
  const [, ufrag] = /a=ice-ufrag:(\S+)/.exec(server.requests[0]!.body)!
  for (let i = 0; i < 50; i++)
    for (const packet of [
      connectivityCheck({ to: ufrag!, password: 'wrong' }),
      connectivityCheck({ to: 'nobody' }),
      writeStun({ type: 0x101, password: 'wrong' }),
      plaintextAlert(40),
      Buffer.alloc(1200, 0x80),
    ])
      turn.shout(channelData(0x4000, packet))
  const { length } = server.sessions[0]!.packets
  await becomes(() => expect(server.sessions[0]!.packets.length).toBeGreaterThan(length + 50))
  expect(server.sessions).toHaveLength(1)
  expect(view()).toMatchObject({ state: 'live', reconnects: 0 })
})

describe('with TURN servers in Link headers of the media server', () => {
  const linkTo = (uri: string, password = 'secret'): string =>
    `<${uri}>; rel="ice-server"; username="anna"; credential="${password}"; credential-type="password"`
  const relaysIn = (offer: string): number[] =>
    Array.from(offer.matchAll(/ (\d+) typ relay/g), ([, port]) => Number(port))
  const offersOf = (server: { requests: { method: string; body: string }[] }): string[] =>
    server.requests.filter(({ method }) => method === 'POST').map(({ body }) => body)

  test.each(['udp', 'tcp'] as const)(
    'the first offer is without them, and the second one finds its path through one (%s)',
    async (transport) => {
      const turn = await openTurnServer({ transport })
      const { server, view } = await openPush(
        {
          accepts: ({ port }) => turn.relayPorts.includes(port),
          headers: { link: ['<stun:stun.invalid>; rel="ice-server"', linkTo(turn.uri)] },
        },
        { connectLimitMs: 3000 },
      )
      await becomes(() => expect(view().problem?.cause).toBe('push-ice-failed'))
      await becomes(() => expect(server.sessions.at(-1)!.packets.length).toBeGreaterThan(50))
      expect(server.sessions.length).toBeGreaterThan(1)
      const [first, second] = offersOf(server).map(relaysIn)
      expect(first).toEqual([])
      expect(second).toEqual([turn.relayPorts[0]])
      expect(turn.relayed).toBeGreaterThan(50)
      expect(view()).toMatchObject({ state: 'live', path: { relayed: true } })
    },
  )

  test('those of the configuration come first, and four are asked together', async () => {
    const own = await openTurnServer()
    const named = await Promise.all([1, 2, 3, 4].map(async () => await openTurnServer()))
    const { server } = await openPush(
      { accepts: () => false, headers: { link: [own, ...named].map(({ uri }) => linkTo(uri)).join(', ') } },
      { connectLimitMs: 2000 },
      () => [own],
    )
    await becomes(() => expect(offersOf(server).length).toBeGreaterThan(1))
    const [first, second] = offersOf(server).map(relaysIn)
    expect(first).toHaveLength(1)
    // The four of the headers are the own one, which is asked once, and three others.
    expect(second).toHaveLength(4)
    expect(named.map(({ requests }) => requests.length > 0)).toEqual([true, true, true, false])
    expect(own.relayPorts.slice(0, 2)).toEqual([
      first![0],
      second!.find((port) => own.relayPorts.includes(port)),
    ])
  })

  test('an address that it must not name is asked nothing, and said when nothing leads to it', async () => {
    const { view } = await openPush(
      { accepts: () => false, headers: { link: linkTo('turn:169.254.1.1:3478?transport=udp', 'hush-hush') } },
      { connectLimitMs: 2000 },
    )
    await becomes(() =>
      expect(view().problem?.message).toMatch(
        /turn:169\.254\.1\.1:3478\?transport=udp, which 127\.0\.0\.1:\d+ named, is at an address that a server elsewhere must not lead to/,
      ),
    )
    expect(JSON.stringify(view())).not.toContain('hush-hush')
  })
})
