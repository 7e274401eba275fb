import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { deadline } from '../lib/deadline.js'
import type { Layout } from './layout.js'
import type { Libc } from './libc.js'
import { UdpBatches, type ProvenLibc, type Sender } from './udp-batches.js'

const LOOPBACK = '127.0.0.1'
/** It takes milliseconds, also on two cores with a load of 20 a tenth of this. Only a library that does not work needs all of it. */
const LIMIT_MS = 1000
/** libuv may read what we want to read. */
const MAX_TRIES = 3
const DATAGRAMS = [100, 100, 60]

/** Sends datagrams to a socket of its own, together, and reads them together. @returns undefined unless each arrives as it was sent. */
export async function proveLibc(libc: Libc, layout: Layout): Promise<ProvenLibc | undefined> {
  if (!(await works({ libc, layout, segments: false }))) return undefined
  return { libc, layout, segments: await works({ libc, layout, segments: true }) }
}

async function works(proven: ProvenLibc): Promise<boolean> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const result = await tryOnce(proven)
    if (result !== 'undecided') return result === 'works'
  }
  return false
}

async function tryOnce(proven: ProvenLibc): Promise<'works' | 'fails' | 'undecided'> {
  const socket = createSocket({ type: 'udp4', lookup: (host, _options, answer) => answer(null, host, 4) })
  try {
    const listening = once(socket, 'listening')
    socket.bind(0, LOOPBACK)
    await listening
    return await exchange(socket, new UdpBatches(proven))
  } catch {
    return 'fails'
  } finally {
    socket.close()
  }
}

async function exchange(socket: Socket, batches: UdpBatches): Promise<'works' | 'fails' | 'undecided'> {
  const refused: Buffer[] = []
  const batch = batches.openSend(socket, {
    isIpv6: false,
    sendSingly: (datagram) => void refused.push(datagram),
  })
  const readWaiting = batches.reader(socket)
  if (batch === undefined || readWaiting === undefined) return 'fails'
  const { port } = socket.address()
  const sent = DATAGRAMS.map((bytes) => randomBytes(bytes))
  const got: Buffer[] = []
  const strangers: Sender[] = []
  let together = 0
  const note = (datagram: Buffer, from: Sender): void => {
    got.push(datagram)
    if (from.address !== LOOPBACK || from.port !== port) strangers.push(from)
  }
  using limit = deadline(LIMIT_MS, undefined)
  const arrived = new Promise<void>((resolve) => {
    socket.on('message', (datagram, from) => {
      note(datagram, from)
      together += readWaiting(note)
      if (got.length >= sent.length) resolve()
    })
  })
  const to = batches.destination(LOOPBACK, port, false)
  for (const datagram of sent) batch.add(datagram, to)
  batches.flush()
  if (batch.failed > 0 || refused.length > 0) return 'fails'
  await Promise.race([arrived, limit.reached])
  const isSame = got.length === sent.length && got.every((datagram, i) => datagram.equals(sent[i]!))
  if (strangers.length > 0 || !isSame) return 'fails'
  return together > 0 ? 'works' : 'undecided'
}
