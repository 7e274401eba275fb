import { createSocket } from 'node:dgram'
import { dtlsRecord, handshakeRecord, ViewerClient } from '../../support/viewer-client.js'
import {
  BINDING_REQUEST,
  ICE_CONTROLLING,
  PRIORITY,
  uint32,
  USE_CANDIDATE,
  USERNAME,
  writeStun,
  type Attribute,
} from '../../support/viewer-stun.js'
import type { Random } from './random.js'
import { inBatches, type EntryPoint } from './entry-point.js'
import type { Unit } from './meter.js'
import { mutateBytes } from './mutate.js'
import { within, type Session, type Target } from './target.js'

/** The kernel's buffer has an end: after so many, an honest check is waited for, which is queued behind them. */
const BURST = 100
const CHECK_LIMIT_MS = 10_000

const datagram = (entry: string, bytes: Buffer, send: (bytes: Buffer) => void): Unit => ({
  entry,
  inputs: 1,
  bytes: bytes.length,
  about: () => bytes.toString('hex'),
  send: () => Promise.resolve(send(bytes)),
})

async function settle(client: ViewerClient): Promise<void> {
  await within(CHECK_LIMIT_MS, 'a check after datagrams', client.checkPath())
}

const TYPES = [BINDING_REQUEST, BINDING_REQUEST, BINDING_REQUEST, 0x0101, 0x0111, 0x0011, 0x0003, 0x3fff]

export function stunMessage(
  random: Random,
  { ufrag, password }: { ufrag: string; password: string },
  from: string,
): Buffer {
  const attributes: Attribute[] = [
    [USERNAME, Buffer.from(`${ufrag}:${from}`)],
    [PRIORITY, uint32(random.below(2 ** 32))],
    [ICE_CONTROLLING, random.bytes(8)],
  ]
  if (random.happens(0.5)) attributes.push([USE_CANDIDATE, Buffer.alloc(0)])
  for (let extra = random.below(4); extra > 0; extra--)
    attributes.splice(random.below(attributes.length + 1), 0, [
      random.of([USERNAME, PRIORITY, 0x0008, 0x0009, 0x0020, 0x8029, 0x8022, random.below(65_536)]),
      random.bytes(random.below(40)),
    ])
  if (random.happens(0.2)) attributes.splice(random.below(attributes.length), 1)
  const message = writeStun({
    type: random.of(TYPES),
    transactionId: random.bytes(12),
    attributes,
    ...(random.happens(0.7) ? { password: random.happens(0.8) ? password : 'wrong'.repeat(5) } : {}),
  })
  return random.happens(0.4) ? mutateBytes(message, random) : message
}

export const stun: EntryPoint = {
  name: 'stun',
  about: 'binding requests and answers, right and wrong, from a viewer’s address and from strangers',
  attack: async (target, random, inputs) => {
    const { client, leave } = await target.join()
    const stranger = createSocket('udp4')
    const { port, address } = client.server!
    const sendAsStranger = (message: Buffer): void => stranger.send(message, port, address)
    await inBatches(
      target,
      inputs,
      BURST,
      () => {
        const message = stunMessage(random, client.server!, client.ufrag)
        return random.happens(0.5)
          ? datagram('of a viewer', message, (bytes) => client.sendRaw(bytes))
          : datagram('of a stranger', message, sendAsStranger)
      },
      async () => await settle(client),
    )
    stranger.close()
    await leave()
  },
}

const CLIENT_HELLO = 1

/** Records that a client sent in an honest handshake, to make others of. */
async function honestFlights(target: Target): Promise<Buffer[]> {
  const { client, leave } = await target.admit()
  const flights: Buffer[] = []
  const sendRaw = client.sendRaw.bind(client)
  client.sendRaw = (datagram) => {
    if (datagram[0]! >= 20 && datagram[0]! < 64) flights.push(datagram)
    sendRaw(datagram)
  }
  await client.checkPath()
  await within(CHECK_LIMIT_MS, 'an honest handshake', client.handshake())
  await leave()
  return flights
}

function dtlsDatagram(random: Random, flights: readonly Buffer[]): Buffer {
  switch (random.below(5)) {
    case 0:
      return dtlsRecord(random.of([20, 21, 22, 23, 24, random.below(256)]), random.bytes(random.below(200)), {
        epoch: random.of([0, 0, 1, 0xffff]),
        sequence: random.below(100),
      })
    case 1: {
      const fragment = random.bytes(random.below(300))
      return handshakeRecord({
        type: random.of([CLIENT_HELLO, 2, 11, 14, 15, 16, 20, random.below(256)]),
        length: random.of([fragment.length, random.below(2 ** 24), 0]),
        sequence: random.below(8),
        offset: random.of([0, 0, random.below(2 ** 24)]),
        fragment,
      })
    }
    case 2:
      return random.of(flights)
    default:
      return mutateBytes(random.of(flights), random)
  }
}

/** Datagrams that one viewer's handshake gets to see, of which few go on for longer. */
const PER_HANDSHAKE = 40

export const dtls: EntryPoint = {
  name: 'dtls',
  about: 'mutated flights, fragments and records on a proven path: before, in and after a handshake',
  attack: async (target, random, inputs) => {
    const flights = await honestFlights(target)
    const honestMs = await target.meter.costOf(async () => await (await target.join()).leave())
    for (let sent = 0; sent < inputs; sent += PER_HANDSHAKE) {
      const plan = planHandshake(random, flights)
      const { before, after } = plan
      const datagrams = [...before, ...after]
      const unit: Unit = {
        entry: 'around a handshake',
        inputs: datagrams.length,
        bytes: datagrams.reduce((sum, { length }) => sum + length, 0),
        honestMs,
        about: () => `a handshake among ${datagrams.map((bytes) => bytes.toString('hex')).join(' ')}`,
        send: async () => await disturbHandshake(target, plan),
      }
      await target.meter.send([unit])
    }
  },
}

/** What is sent in the time of one handshake. */
interface DisturbedHandshake {
  before: Buffer[]
  after: Buffer[]
  /** Before which of the datagrams it begins. */
  at: number
  waits: boolean
  leaves: boolean
}

const planHandshake = (random: Random, flights: readonly Buffer[]): DisturbedHandshake => ({
  at: random.below(PER_HANDSHAKE),
  before: Array.from({ length: PER_HANDSHAKE }, () => dtlsDatagram(random, flights)),
  after: Array.from({ length: 5 }, () => dtlsDatagram(random, flights)),
  waits: random.happens(0.3),
  leaves: random.happens(0.9),
})

async function disturbHandshake(target: Target, plan: DisturbedHandshake): Promise<void> {
  const { client, leave } = await target.admit()
  await settle(client)
  const handshake = { over: Promise.resolve() }
  for (const [i, bytes] of plan.before.entries()) {
    if (i === plan.at) handshake.over = client.handshake().catch(() => {})
    client.sendRaw(bytes)
    if (i % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 2))
  }
  if (plan.waits) await Promise.race([handshake.over, new Promise((resolve) => setTimeout(resolve, 150))])
  for (const bytes of plan.after) client.sendRaw(bytes)
  if (plan.leaves) await leave()
  else client.vanish() // and the connect limit gives its place back
}

const BYE = 203

/** RTCP with the form of the real thing and rubbish in it. */
function rtcp(random: Random, { ssrc }: { ssrc: number }): Buffer {
  const parts = Array.from({ length: 1 + random.below(3) }, () => {
    const [type, format] = random.of([
      [201, 1],
      [200, 1],
      [202, 1],
      [204, 0],
      [205, 1],
      [205, 15],
      [206, 1],
      [206, 4],
      [206, 15],
      [207, 0],
      [random.below(256), random.below(32)],
    ] as const)
    const body = Buffer.concat([uint32(1), uint32(ssrc), random.bytes(4 * random.below(40))])
    if (type === 206 && format === 15) body.write('REMB', 8)
    const head = Buffer.from([
      0x80 | (random.happens(0.8) ? format : random.below(32)),
      type === BYE ? 201 : type,
      0,
      0,
    ])
    head.writeUInt16BE(random.happens(0.8) ? body.length / 4 : random.below(65_536), 2)
    return Buffer.concat([head, body])
  })
  const compound = Buffer.concat(parts)
  const sent = random.happens(0.3) ? mutateBytes(compound, random) : compound
  return Buffer.concat([sent, Buffer.alloc(Math.max(0, 8 - sent.length), 0x80)])
}

export const feedback: EntryPoint = {
  name: 'srtcp',
  about:
    'authentic SRTCP with rubbish inside (NACK, PLI, FIR, REMB, TWCC, reports), SRTP, and mutated protection, in a connected session',
  attack: async (target, random, inputs) => {
    let session = await target.join()
    const unit = (): Unit => {
      const kind = random.below(10)
      const plain = rtcp(random, session.client.server!)
      if (kind < 7) return datagram('SRTCP', plain, (bytes) => session.client.sendRtcp(bytes))
      if (kind < 8) {
        const sequence = random.below(256)
        return datagram('SRTP', plain, () => session.client.sendRaw(session.client.protectRtp(sequence)))
      }
      const mutated = mutateBytes(session.client.protectRtcp(plain), random)
      return datagram('mutated protection', mutated, (bytes) => session.client.sendRaw(bytes))
    }
    await inBatches(target, inputs, BURST, unit, async () => {
      session = await goOn(target, session)
    })
    await session.leave()
  },
}

/** A random input may close its own session: then another one begins. */
async function goOn(target: Target, session: Session): Promise<Session> {
  try {
    await within(2000, 'a check', session.client.checkPath())
    return session
  } catch {
    session.client.vanish()
    return await target.join()
  }
}
