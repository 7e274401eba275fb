import { RTCSctpTransport, type RTCDataChannel, type RTCDtlsTransport } from 'werift'
import { expect, onTestFinished, test } from 'vitest'
import { seededRandom } from '../../test/helpers/viewer-random.js'
import { becomes } from '../../test/helpers/viewer-server.js'
import { DataChannel } from './data-channel.js'
import * as sctp from './sctp-packet.js'

/** Another's SCTP, with the role of a client that waits, or of one that begins as well. */
function openTogether(role: 'controlled' | 'controlling', loses = (_packet: Buffer): boolean => false) {
  const texts: string[] = []
  const channels: RTCDataChannel[] = []
  const dtls = {
    iceTransport: { role },
    onStateChange: { subscribe: () => ({ unSubscribe: () => {} }) },
    dataReceiver: (_packet: Buffer): void => {},
    sendData: async (packet: Buffer): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve))
      ours.take(packet)
    },
  }
  const theirs = new RTCSctpTransport(6000)
  theirs.setDtlsTransport(dtls as unknown as RTCDtlsTransport)
  theirs.onDataChannel.subscribe((channel) => {
    channels.push(channel)
    channel.onMessage.subscribe((message) => channel.send(`${String(message)} pong`))
  })
  const ours: DataChannel = new DataChannel({
    label: 'keepalive',
    remotePort: 6000,
    send: (packet) => {
      setImmediate(() => {
        if (!loses(packet)) dtls.dataReceiver(packet)
      })
    },
    onText: (text) => texts.push(text),
  })
  void theirs.start(5000)
  onTestFinished(async () => await theirs.stop())
  return { ours, theirs, texts, channels }
}

test.each(['controlled', 'controlling'] as const)(
  'a channel opens to a client whose role is %s, and carries texts both ways',
  async (role) => {
    const { ours, texts, channels, theirs } = openTogether(role)
    await becomes(() => expect(ours.say('one')).toBe(true))
    await becomes(() => expect(ours.say('two')).toBe(true))
    await becomes(() => expect(texts).toEqual(['one pong', 'two pong']))
    expect(channels.map(({ label, id, ordered }) => ({ label, id, ordered }))).toEqual([
      { label: 'keepalive', id: 1, ordered: true },
    ])
    ours.close()
    await becomes(() => expect(theirs.sctp.state).toBe('closed'))
  },
)

test('whatever of ours is lost is sent again', async () => {
  const seen = new Set<string>()
  const lost: number[] = []
  const { ours, texts } = openTogether('controlled', (packet) => {
    const [{ type }] = sctp.readSctp(packet)!.chunks as [sctp.SctpChunk]
    const isNew = !seen.has(packet.toString('hex'))
    seen.add(packet.toString('hex'))
    const isLost = isNew && [sctp.INIT, sctp.COOKIE_ECHO, sctp.DATA].includes(type)
    if (isLost) lost.push(type)
    return isLost
  })
  let said = 0
  await becomes(() => {
    if (ours.say(`ping ${said}`)) said++
    else ours.tick()
    expect(texts.length).toBeGreaterThanOrEqual(5)
  })
  expect(lost.slice(0, 4)).toEqual([sctp.INIT, sctp.COOKIE_ECHO, sctp.DATA, sctp.DATA])
  expect(texts.slice(0, 5)).toEqual([0, 1, 2, 3, 4].map((i) => `ping ${i} pong`))
})

/** A client that says what it likes: the handshake is done, unless told. */
function misbehave({ connected = true } = {}) {
  const sent: { type: number; value: Buffer }[] = []
  const texts: string[] = []
  const channel = new DataChannel({
    label: 'keepalive',
    remotePort: 6000,
    send: (packet) => sent.push(...sctp.readSctp(packet)!.chunks),
    onText: (text) => texts.push(text),
  })
  const tag = sent[0]!.value.readUInt32BE(0)
  const say = (type: number, value: Buffer = Buffer.alloc(0), { flags = 3, to = tag } = {}): void =>
    channel.take(
      sctp.writeSctp(
        { sourcePort: 6000, destinationPort: 5000, verificationTag: to },
        { type, flags, value },
      ),
    )
  let tsn = 100
  const data = (
    text: string | Buffer,
    change: Partial<Record<'tsn' | 'stream' | 'ppid', number>> = {},
  ): Buffer => {
    const header = Buffer.alloc(12)
    header.writeUInt32BE(change.tsn ?? tsn++, 0)
    header.writeUInt16BE(change.stream ?? 1, 4)
    header.writeUInt32BE(change.ppid ?? 51, 8)
    return Buffer.concat([header, Buffer.from(text)])
  }
  const init = Buffer.alloc(16)
  init.writeUInt32BE(77, 0)
  init.writeUInt32BE(100, 12)
  if (connected) {
    say(sctp.INIT_ACK, Buffer.concat([init, sctp.typeLengthValue(7, Buffer.from('cookie'))]))
    say(sctp.COOKIE_ACK)
  }
  const isClosed = (): boolean => {
    const before = sent.length
    say(sctp.HEARTBEAT)
    channel.tick()
    return sent.length === before
  }
  return { channel, sent, texts, say, data, init, isClosed }
}

test('a text counts once, however often it comes, and not before those that go before it', () => {
  const { say, data, texts, sent, isClosed } = misbehave()
  say(sctp.DATA, data('late', { tsn: 101 }))
  say(sctp.DATA, data('first'))
  for (let i = 0; i < 3; i++) say(sctp.DATA, data('again', { tsn: 100 }))
  expect(texts).toEqual(['first'])
  const acknowledged = sent.filter(({ type }) => type === sctp.SACK).map(({ value }) => value.readUInt32BE(0))
  expect(acknowledged).toEqual([99, 100, 100, 100, 100])
  expect(isClosed()).toBe(false)
})

const odd: [string, (client: ReturnType<typeof misbehave>) => void][] = [
  ['opens a channel of its own', ({ say, data }) => say(sctp.DATA, data(Buffer.from([3]), { ppid: 50 }))],
  ['uses another stream', ({ say, data }) => say(sctp.DATA, data('pong', { stream: 2 }))],
  ['sends binary', ({ say, data }) => say(sctp.DATA, data('pong', { ppid: 53 }))],
  ['sends a long message', ({ say, data }) => say(sctp.DATA, data('x'.repeat(1025)))],
  ['sends nothing as a message', ({ say, data }) => say(sctp.DATA, data(''))],
  ['sends a cut header', ({ say }) => say(sctp.DATA, Buffer.alloc(5))],
  ['sends a message in pieces', ({ say, data }) => say(sctp.DATA, data('po'), { flags: 2 })],
  ['sends a cut SACK', ({ say }) => say(sctp.SACK, Buffer.alloc(11))],
  ['sends a cookie that we never gave', ({ say }) => say(sctp.COOKIE_ECHO, Buffer.from('12345678'))],
  ['sends a chunk that nobody knows', ({ say }) => say(60)],
  ['shuts down', ({ say }) => say(7, Buffer.alloc(4))],
  ['aborts', ({ say }) => say(sctp.ABORT)],
]
test.each(odd)('the association with a client that %s is over, and says so at most once', (_what, act) => {
  const client = misbehave()
  expect(client.isClosed()).toBe(false)
  act(client)
  act(client)
  expect(client.isClosed()).toBe(true)
  client.say(sctp.DATA, client.data('pong', { tsn: 100 }))
  expect(client.texts).toEqual([])
  expect(client.channel.say('ping')).toBe(false)
  client.channel.close()
  expect(client.sent.filter(({ type }) => type === sctp.ABORT).length).toBeLessThanOrEqual(1)
})

const cutAnswers: [string, (client: ReturnType<typeof misbehave>) => void][] = [
  ['a cut INIT', ({ say }) => say(sctp.INIT, Buffer.alloc(15), { to: 0 })],
  ['an INIT without a tag', ({ say }) => say(sctp.INIT, Buffer.alloc(16), { to: 0 })],
  ['an INIT ACK without a cookie', ({ say, init }) => say(sctp.INIT_ACK, init)],
  ['a cut INIT ACK', ({ say }) => say(sctp.INIT_ACK, Buffer.alloc(3))],
  [
    'an INIT ACK with a parameter of no length',
    ({ say, init }) => say(sctp.INIT_ACK, Buffer.concat([init, Buffer.from([0, 7, 0, 0])])),
  ],
]
test.each(cutAnswers)('%s instead of a handshake ends the association', (_what, act) => {
  const client = misbehave({ connected: false })
  act(client)
  expect(client.isClosed()).toBe(true)
})

test('what is not for this association is dropped, and what is new in SCTP skipped', () => {
  const { say, data, init, texts, sent, channel, isClosed } = misbehave()
  const before = sent.length
  say(sctp.DATA, data('pong', { tsn: 100 }), { to: 78 })
  say(sctp.ABORT, Buffer.alloc(0), { to: 78 })
  say(sctp.INIT, init, { to: 0 }) // would begin anew
  for (const type of [sctp.ERROR, 130, 192, 255]) say(type, Buffer.alloc(9))
  channel.take(Buffer.alloc(0))
  channel.take(Buffer.alloc(1400, 0xff))
  const ports = { sourcePort: 6001, destinationPort: 5000, verificationTag: 0 }
  channel.take(sctp.writeSctp(ports, { type: sctp.INIT, flags: 0, value: init }))
  expect(sent.length).toBe(before)
  expect(texts).toEqual([])
  expect(isClosed()).toBe(false)
})

test('no chunk of any type and content throws, before the handshake or after it', () => {
  const next = seededRandom(11)
  const random = (below: number): number => Math.floor(next() * below)
  for (let round = 0; round < 3000; round++) {
    const { say, sent } = misbehave({ connected: round % 2 === 0 })
    const before = sent.length
    for (let i = 0; i < 3; i++) {
      const type = random(16)
      const value = Buffer.from(Array.from({ length: random(32) }, () => random(4)))
      say(type, value, { flags: random(8), ...(type === sctp.INIT ? { to: 0 } : {}) })
    }
    expect(sent.length - before).toBeLessThanOrEqual(6)
  }
})

test('a client that acknowledges nothing is sent one message, however often we want to speak', () => {
  const { channel, sent } = misbehave()
  const before = sent.length
  for (let i = 0; i < 100; i++) expect(channel.say('ping')).toBe(false)
  expect(sent.length).toBe(before)
  channel.tick()
  expect(sent.length).toBe(before + 1)
})
