import { offers as byClient } from '../../support/viewer-offers.js'
import { PublisherClient } from '../../support/publisher-client.js'
import type { Random } from './random.js'
import { inBatches, type EntryPoint } from './entry-point.js'
import { mutateText } from './mutate.js'
import { judge } from './offers.js'
import type { Unit } from './meter.js'
import { PUBLISHED_CAMERA, WHIP_TOKEN, within, type Target } from './target.js'

const AT_ONCE = 8
const BURST = 100
const CHECK_LIMIT_MS = 10_000
/** An earlier publisher is replaced when it has been silent for two seconds. */
const PLACE_LIMIT_MS = 15_000

const post = async (target: Target, body: string): Promise<Response> =>
  await fetch(`${target.program.url}/${PUBLISHED_CAMERA}/whip`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', authorization: `Bearer ${WHIP_TOKEN}` },
    body,
  })

async function end(target: Target, response: Response): Promise<void> {
  const location = response.headers.get('location')
  if (!response.ok || location === null) return
  const ended = await fetch(new URL(location, response.url), {
    method: 'DELETE',
    headers: { authorization: `Bearer ${WHIP_TOKEN}` },
  })
  await ended.body?.cancel()
  judge(target, ended.status, `DELETE ${location}`)
}

export const publications: EntryPoint = {
  name: 'whip',
  about: 'mutated offers of publishers with the right token',
  attack: async (target, random, inputs) => {
    const { offer, close } = await honestOffer()
    const texts = [offer, ...Object.values(byClient).map((text) => text.replaceAll('recvonly', 'sendonly'))]
    await inBatches(target, inputs, AT_ONCE, (): Unit => {
      const text = mutateText(random.of(texts), random)
      return {
        entry: 'offer',
        inputs: 1,
        bytes: text.length,
        about: () => text,
        send: async () => {
          const response = await post(target, text)
          judge(target, response.status, `${await response.text()} for ${text}`)
          await end(target, response)
        },
      }
    })
    await close()
  },
}

async function honestOffer(): Promise<{ offer: string; close: () => Promise<void> }> {
  const client = await PublisherClient.open()
  return { offer: client.offer({ audio: true }), close: async () => await client[Symbol.asyncDispose]() }
}

/** A publisher that is connected. */
async function publish(target: Target): Promise<{ publisher: PublisherClient; leave: () => Promise<void> }> {
  const publisher = await PublisherClient.open()
  const { response, answer } = await within(PLACE_LIMIT_MS, 'a place to publish', place(target, publisher))
  await within(CHECK_LIMIT_MS, 'a publisher to connect', publisher.connect(answer))
  return {
    publisher,
    leave: async () => {
      await end(target, response)
      await publisher[Symbol.asyncDispose]()
    },
  }
}

async function place(
  target: Target,
  publisher: PublisherClient,
): Promise<{ response: Response; answer: string }> {
  for (;;) {
    const response = await post(target, publisher.offer())
    const answer = await response.text()
    if (response.status === 201) return { response, answer }
    if (response.status !== 409) throw new Error(`an honest publisher got ${response.status} ${answer}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** RTP of the right payload types with numbers, extensions, padding and payloads that no encoder sends. */
function rtp(random: Random): Buffer {
  const packet = Buffer.concat([
    Buffer.alloc(12),
    random.bytes(random.below(random.happens(0.1) ? 1400 : 80)),
  ])
  packet[0] = random.happens(0.6) ? 0x80 : 0x80 | random.below(64)
  packet[1] = (random.happens(0.3) ? 0x80 : 0) | random.of([102, 102, 102, 103, 103, 111, random.below(64)])
  // Without a wrap most of them are authentic, whatever both ends think of the rollover counter.
  packet.writeUInt16BE(random.happens(0.95) ? 20_000 + random.below(20_000) : random.below(65_536), 2)
  packet.writeUInt32BE(random.happens(0.5) ? random.below(2 ** 32) : 4_294_000_000, 4)
  packet.writeUInt32BE(random.of([0x5eed, 0x5eed, 0x5eee, random.below(40), random.below(2 ** 32)]), 8)
  return packet
}

export const media: EntryPoint = {
  name: 'publisher',
  about: 'authentic SRTP with rubbish inside, mutated protection and bare RTP, of a connected publisher',
  attack: async (target, random, inputs) => {
    let session = await publish(target)
    const unit = (): Unit => {
      const plain = rtp(random)
      const isAuthentic = random.happens(0.7)
      const isBare = random.happens(0.5)
      const change = random.bytes(4)
      return {
        entry: isAuthentic ? 'SRTP' : isBare ? 'RTP' : 'mutated protection',
        inputs: 1,
        bytes: plain.length,
        about: () => plain.toString('hex'),
        send: () => {
          const { client } = session.publisher
          const sealed = isBare && !isAuthentic ? plain : session.publisher.protect(plain)
          if (!isAuthentic && !isBare) sealed[change[0]! % sealed.length]! ^= 1 + (change[1]! & 0x7f)
          client.sendRaw(sealed)
          return Promise.resolve()
        },
      }
    }
    await inBatches(target, inputs, BURST, unit, async () => {
      try {
        await within(2000, 'a check', session.publisher.client.checkPath())
      } catch {
        session.publisher.client.vanish()
        session = await publish(target)
      }
    })
    await session.leave()
    // An honest publisher is heard afterwards.
    const { publisher, leave } = await publish(target)
    const before = await packetsOf(target)
    for (let i = 0; i < 10; i++) publisher.frame(true)
    await publisher.client.checkPath()
    if ((await packetsOf(target)) < before + 30) target.find('an honest publisher is not heard')
    await leave()
  },
}

async function packetsOf({ program }: Target): Promise<number> {
  return (await program.health()).cameras[PUBLISHED_CAMERA]?.packets ?? 0
}
