import { setTimeout as sleep } from 'node:timers/promises'
import { frame, openFrames } from '../../support/frame-client.js'
import { dtlsRecord, type ViewerClient } from '../../support/viewer-client.js'
import { inBatches, type EntryPoint } from './entry-point.js'
import { stunMessage } from './media.js'
import type { Unit } from './meter.js'
import { mutateBytes } from './mutate.js'
import type { Random } from './random.js'
import { within, type Target } from './target.js'

const AT_ONCE = 50
/** So many addresses that the limit of one does not end it all before it begins. */
const ADDRESSES = 16
const CHECK_LIMIT_MS = 10_000
const CHECK_INTERVAL_MS = 2000
/** From a connection to its first authenticated check, and what a busy machine takes longer. */
const LET_GO_MS = 10_000
const DRIBBLE_MS = 300

/** How the client ends a connection; `waits` leaves it to the server. */
const ENDINGS = ['reset', 'end', 'vanish', 'waits'] as const

interface Plan {
  entry: string
  from: string
  /** In these pieces, each with a packet of its own on the wire. */
  pieces: Buffer[]
  ending: (typeof ENDINGS)[number]
  /** Sent on for as long as the connection lives. */
  dribble?: Buffer
}

const TLS_HELLO = Buffer.from('160301020001', 'hex')

/** What a stranger sends who knows no password. */
function strangers(
  random: Random,
  server: { ufrag: string },
): Omit<Plan, 'from' | 'pieces'> & { bytes: Buffer } {
  const wrong = { ufrag: server.ufrag, password: 'wrong'.repeat(5) }
  const message = stunMessage(random, random.happens(0.5) ? wrong : { ...wrong, ufrag: 'nobody' }, 'them')
  const ending = random.of(ENDINGS)
  switch (random.below(8)) {
    case 0:
      return { entry: 'rubbish', ending, bytes: random.bytes(1 + random.below(3000)) }
    case 1:
      return {
        entry: 'another protocol',
        ending,
        bytes: random.of([Buffer.from('GET / HTTP/1.1\r\n\r\n'), TLS_HELLO]),
      }
    case 2:
      return { entry: 'a wrong check', ending, bytes: frame(message) }
    case 3:
      return {
        entry: 'half a frame',
        ending,
        bytes: frame(message).subarray(0, 1 + random.below(message.length)),
      }
    case 4:
      return { entry: 'empty frames', ending, bytes: Buffer.alloc(2 * random.below(50_000)) }
    case 5:
      return {
        entry: 'a flood',
        ending,
        bytes: Buffer.concat(Array.from({ length: 300 }, () => frame(message))),
      }
    case 6:
      return { entry: 'nothing', ending, bytes: Buffer.alloc(0) }
    default:
      return {
        entry: 'half a frame, slowly',
        ending: 'waits',
        bytes: Buffer.from([2, 0]),
        dribble: Buffer.from([0]),
      }
  }
}

/** What a viewer sends whose first check is right. */
function viewers(random: Random, client: ViewerClient): Omit<Plan, 'from' | 'pieces'> & { bytes: Buffer } {
  const packets = Array.from({ length: 1 + random.below(30) }, () => {
    switch (random.below(5)) {
      case 0:
        return frame(stunMessage(random, client.server!, client.ufrag))
      case 1:
        return frame(dtlsRecord(random.of([20, 21, 22, 23]), random.bytes(random.below(500))))
      case 2:
        return frame(random.bytes(random.below(3000)))
      case 3:
        return mutateBytes(frame(client.check()), random)
      default:
        return frame(client.check())
    }
  })
  const bytes = Buffer.concat([frame(client.check()), ...packets])
  const cut = random.happens(0.3) ? bytes.subarray(0, random.below(bytes.length)) : bytes
  return { entry: 'of a viewer', ending: random.of(['reset', 'end', 'vanish'] as const), bytes: cut }
}

function planOf(random: Random, client: ViewerClient): Plan {
  const { bytes, ...what } = random.happens(0.6) ? strangers(random, client.server!) : viewers(random, client)
  const at = random.below(bytes.length + 1)
  const pieces = random.happens(0.5) ? [bytes] : [bytes.subarray(0, at), bytes.subarray(at)]
  return { ...what, from: `127.0.0.${2 + random.below(ADDRESSES)}`, pieces }
}

async function play(target: Target, { from, pieces, ending, dribble, entry }: Plan): Promise<void> {
  // Above a limit a connection is reset before it is open.
  const client = await openFrames(target.program.udpPort, () => {}, { from }).catch(() => undefined)
  if (client === undefined) return
  for (const piece of pieces) {
    client.sendBytes(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const dribbling = dribble && setInterval(() => client.sendBytes(dribble), DRIBBLE_MS)
  const { socket } = client
  if (ending === 'reset') socket.resetAndDestroy()
  else if (ending === 'end') socket.end()
  else if (ending === 'vanish') socket.destroy()
  await within(LET_GO_MS, `"${entry}" over TCP`, client.closed).catch((error: unknown) =>
    target.find(String(error)),
  )
  clearInterval(dribbling)
  socket.destroy()
}

/**
 * Keeps the session of an honest client alive: the server ends it after 15 s of silence, and a batch with slow clients takes longer.
 * Attacks that know its password replace its connection, so a check may be lost.
 */
function keepAlive(client: ViewerClient): { stop: () => Promise<void> } {
  const stopping = new AbortController()
  const { signal } = stopping
  const checking = (async () => {
    while (!signal.aborted) {
      await client.checkPath().catch(() => {}) // it repeats itself until the server answers
      await sleep(CHECK_INTERVAL_MS, undefined, { signal }).catch(() => {})
    }
  })()
  return {
    stop: async () => {
      stopping.abort()
      await within(CHECK_LIMIT_MS, 'a check over TCP', checking)
    },
  }
}

/** An honest client plays on, over a connection of its own; a new one if it was among the eight that an attack replaced. */
async function requireHonest(client: ViewerClient): Promise<void> {
  await within(CHECK_LIMIT_MS, 'a check over TCP', client.checkPath())
}

export const tcp: EntryPoint = {
  name: 'tcp',
  about:
    'the TCP media port: half and empty frames, floods, other protocols, slow clients and resets, with and without a right check',
  attack: async (target, random, inputs) => {
    const { client, leave } = await target.join({ overTcp: true })
    let kept = keepAlive(client)
    using _viewer = await target.meter.excludePresent()
    const unit = (): Unit => {
      const plan = planOf(random, client)
      const bytes = Buffer.concat(plan.pieces)
      return {
        entry: plan.entry,
        inputs: 1,
        bytes: bytes.length,
        about: () => `${plan.entry}, ${plan.ending}: ${bytes.toString('hex').slice(0, 4000)}`,
        send: async () => await play(target, plan),
      }
    }
    await inBatches(target, inputs, AT_ONCE, unit, async () => {
      await kept.stop()
      await requireHonest(client)
      kept = keepAlive(client)
    })
    await kept.stop()
    await leave()
  },
}
