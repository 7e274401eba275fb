import { tinyFragments } from '../../../bench/attacks/fragments.js'
import { unfinishedHeaders } from '../../../bench/attacks/slow-requests.js'
import { allButTheLastByte, largestMessage } from '../../../bench/attacks/unfinished.js'
import {
  clientFrame,
  clientFrameHead,
  handshake,
  openRaw,
  openRawWebSocket,
  type RawConnection,
} from '../../support/raw-client.js'
import type { Random } from './random.js'
import type { EntryPoint } from './entry-point.js'
import { TIMEOUT_S, type Target } from './target.js'

/** Every limit of the target is `TIMEOUT_S`; a connection on which nothing happens is closed after twice of it. */
const LET_GO_MS = 1000 * (2 * TIMEOUT_S + 5)
/** In the middle of a frame no ping can be answered: at the latest that ends it, after two intervals of 15 s. */
const LET_GO_MID_FRAME_MS = 35_000
const DRIBBLE_MS = 400
const AT_ONCE = 200
/** So many addresses, that the limits of one do not end it all before it begins. */
const ADDRESSES = 16

/** While they are open: what a connection is in itself, and how much of what was sent may be there more than once. */
const CONNECTION_BYTES = 64 * 1024
const MOST_HELD_PER_BYTE = 3

/** Something that begins and does not end. */
interface Unfinished {
  entry: string
  /** What opens the connection, if it is a WebSocket. */
  path?: string
  bytes: Buffer
  /** What is sent on, every now and then: who goes on slowly does not have to go on for ever. */
  dribble?: Buffer
  letGoMs: number
}

const WS_PATHS = ['/camera1/ws', '/api/ws?src=camera1']
const POST_PATHS = [
  '/webrtc',
  '/camera1/webrtc',
  '/api/webrtc?src=camera1',
  '/camera1/whep',
  '/sign-in',
  '/nothing',
]
const GOOD_MESSAGE = clientFrame('{"time":{"clientMs":1}}')

/** At least one byte, and at least one less than all. */
const cut = (bytes: Buffer, random: Random): Buffer => bytes.subarray(0, 1 + random.below(bytes.length - 1))

function unfinishedRequest(random: Random): Unfinished {
  const letGoMs = LET_GO_MS
  const head = (path: string, ...more: string[]): string =>
    [`POST ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Content-Type: application/json', ...more, '', ''].join(
      '\r\n',
    )
  const path = random.of(POST_PATHS)
  switch (random.below(8)) {
    case 0:
      return { entry: 'headers', letGoMs, bytes: cut(unfinishedHeaders(1000 + random.below(15_000)), random) }
    case 1:
      return {
        entry: 'headers, slowly',
        letGoMs,
        bytes: unfinishedHeaders(300),
        dribble: Buffer.from('X-A: b\r\n'),
      }
    case 2: {
      const length = 2 + random.below(60_000)
      const sent = Buffer.concat([
        Buffer.from(head(path, `Content-Length: ${length}`)),
        random.bytes(random.below(length)),
      ])
      return { entry: 'body', letGoMs, bytes: sent }
    }
    case 3:
      return {
        entry: 'body, slowly',
        letGoMs,
        bytes: Buffer.from(head(path, 'Content-Length: 60000')),
        dribble: Buffer.from(' '),
      }
    case 4: {
      const chunks = '1f4\r\n' + ' '.repeat(500) + '\r\n5;a=b\r\nabcde\r\n0\r\nX-Trailer: y\r\n'
      const whole = Buffer.from(head(path, 'Transfer-Encoding: chunked') + chunks)
      const at = whole.length - chunks.length
      return { entry: 'chunks', letGoMs, bytes: whole.subarray(0, at + random.below(chunks.length)) }
    }
    case 5:
      return {
        entry: 'chunks, slowly',
        letGoMs,
        bytes: Buffer.from(head(path, 'Transfer-Encoding: chunked')),
        dribble: Buffer.from('1\r\n \r\n'),
      }
    case 6:
      return { entry: 'handshake', letGoMs, bytes: cut(Buffer.from(handshake(random.of(WS_PATHS))), random) }
    default: {
      const first = 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
      return {
        entry: 'second request',
        letGoMs,
        bytes: Buffer.concat([Buffer.from(first), cut(unfinishedHeaders(2000), random)]),
      }
    }
  }
}

function unfinishedMessage(random: Random, largest: number): Unfinished {
  const path = random.of(WS_PATHS)
  const before = random.happens(0.5) ? GOOD_MESSAGE : Buffer.alloc(0)
  const after = (bytes: Buffer): Buffer => Buffer.concat([before, bytes])
  const between = { path, letGoMs: LET_GO_MS }
  const midFrame = { path, letGoMs: LET_GO_MID_FRAME_MS }
  const size = 2 + random.below(random.happens(0.2) ? largest - 2 : 5000)
  switch (random.below(7)) {
    case 0:
      return { ...midFrame, entry: 'frame head', bytes: after(cut(clientFrameHead(size), random)) }
    case 1:
      return { ...midFrame, entry: 'after the mask', bytes: after(clientFrameHead(size)) }
    case 2:
      return {
        ...midFrame,
        entry: 'payload',
        bytes: after(Buffer.concat([clientFrameHead(size), Buffer.alloc(random.below(size), 'a')])),
      }
    case 3:
      return {
        ...midFrame,
        entry: 'payload, slowly',
        bytes: after(clientFrameHead(largest)),
        dribble: Buffer.from('a'),
      }
    case 4:
      return { ...between, entry: 'between fragments', bytes: after(allButTheLastByte(size)) }
    case 5:
      return {
        ...between,
        entry: 'tiny fragments',
        bytes: after(tinyFragments(1 + random.below(random.happens(0.2) ? 16_000 : 500))),
      }
    default:
      return {
        ...between,
        entry: 'fragments, slowly',
        bytes: after(clientFrame('"', { fin: false })),
        dribble: clientFrame('a', { opcode: 0, fin: false }),
      }
  }
}

interface Held {
  what: Unfinished
  connection: RawConnection
  openedMs: number
  dribbling: NodeJS.Timeout | undefined
}

export const unfinished: EntryPoint = {
  name: 'unfinished',
  about:
    'WebSocket messages, bodies, chunks and headers that begin and do not end, held until they are let go of',
  attack: async (target, random, inputs) => {
    const { webPort, webrtcPorts } = target.program
    const largest = await largestMessage({ webPort, from: '127.0.0.1' })
    for (let left = inputs; left > 0; left -= AT_ONCE) {
      const round = Array.from({ length: Math.min(AT_ONCE, left) }, () => ({
        what: random.happens(0.5) ? unfinishedRequest(random) : unfinishedMessage(random, largest),
        port: random.of([webPort, webPort, webrtcPorts[0]!]),
        from: `127.0.0.${2 + random.below(ADDRESSES)}`,
      }))
      const before = await target.heldBytes(target.program)
      const held = await holdAll(target, round)
      await requireBounded(target, held, before)
      await requireLetGo(target, held)
    }
  },
}

async function holdAll(
  { meter }: Target,
  round: { what: Unfinished; port: number; from: string }[],
): Promise<Held[]> {
  const held: Held[] = []
  const units = round.map(({ what, port, from }) => ({
    entry: what.entry,
    inputs: 1,
    bytes: what.bytes.length,
    about: () => `unfinished ${what.entry}: ${what.bytes.toString('latin1').slice(0, 300)}`,
    send: async () => {
      const connection = await (what.path === undefined
        ? openRaw(port, from)
        : openRawWebSocket(port, what.path, from))
      connection.send(what.bytes)
      const { dribble } = what
      held.push({
        what,
        connection,
        openedMs: performance.now(),
        dribbling: dribble && setInterval(() => connection.send(dribble), DRIBBLE_MS),
      })
    },
  }))
  // Some at once, as with the other entry points, so that what is slow can be found.
  for (let at = 0; at < units.length; at += 20) await meter.send(units.slice(at, at + 20))
  return held
}

/** What is held while they are all open. */
async function requireBounded(target: Target, held: Held[], before: number): Promise<void> {
  const heldBytes = (await target.heldBytes(target.program)) - before
  const open = held.filter(({ connection }) => !connection.isClosed())
  const sentBytes = open.reduce((sum, { connection }) => sum + connection.socket.bytesWritten, 0)
  if (heldBytes > open.length * CONNECTION_BYTES + MOST_HELD_PER_BYTE * sentBytes)
    target.find(
      `${open.length} unfinished connections sent ${sentBytes} bytes, and ${heldBytes} are held for them: ` +
        `${(heldBytes / sentBytes).toFixed(1)} for each`,
    )
}

async function requireLetGo(target: Target, held: Held[]): Promise<void> {
  const late = new Map<string, number>()
  await Promise.all(
    held.map(async ({ what: { entry, letGoMs }, connection, openedMs, dribbling }) => {
      let timer: NodeJS.Timeout | undefined
      const waitMs = Math.max(0, openedMs + letGoMs - performance.now())
      await Promise.race([connection.closed, new Promise((resolve) => (timer = setTimeout(resolve, waitMs)))])
      clearTimeout(timer)
      clearInterval(dribbling)
      if (!connection.isClosed()) late.set(entry, (late.get(entry) ?? 0) + 1)
      connection.socket.destroy()
    }),
  )
  for (const [entry, times] of late) target.find(`${times} unfinished "${entry}" were not let go of in time`)
}
