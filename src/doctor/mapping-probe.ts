import { randomBytes } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv4 } from 'node:net'
import { deadline } from '../lib/deadline.js'
import { resolveHost } from '../lib/resolve-host.js'
import {
  isBindingSuccess,
  mappedAddressOf,
  otherAddressOf,
  stunServerOf,
  writeBindingRequest,
  type MappedAddress,
} from '../lib/stun.js'

/** How a router maps one IPv4 socket of this machine. */
export type MappingAnswer =
  | {
      kind: 'answered'
      /** Of the socket: that of the media, unless a program uses it. */
      port: number
      mapped: MappedAddress
      /** As another address sees the same socket; undefined if the server has no other. */
      second: MappedAddress | undefined
    }
  | { kind: 'unknown-name' | 'no-dns' | 'silent' }

/** RFC 8489 section 6.2.1 */
const SEND_AT_MS = [0, 500, 1500]
const LIMIT_MS = 3500

/** @returns IPv4 addresses. */
type Find = (host: string, signal: AbortSignal) => Promise<string[]>

const findIpv4: Find = async (host, signal) => (await resolveHost(host, signal)).filter((one) => isIPv4(one))

/**
 * Asks a STUN server twice from one socket (RFC 5780 section 4.3): by its other address, or by a second address of its name. Never
 * throws.
 * @param server `stun:host:port` @param limitMs for the name and for each answer.
 */
export async function probeMapping(
  server: string,
  port: number,
  find: Find = findIpv4,
  limitMs = LIMIT_MS,
): Promise<MappingAnswer> {
  const { host, port: serverPort } = stunServerOf(server)
  const cancel = new AbortController()
  using limit = deadline(limitMs, undefined)
  const found = await Promise.race([
    find(host, cancel.signal).catch((error: unknown) => (error as NodeJS.ErrnoException).code ?? 'unknown'),
    limit.reached,
  ])
  cancel.abort()
  if (found === undefined) return { kind: 'no-dns' }
  if (typeof found === 'string') return { kind: found === 'ENOTFOUND' ? 'unknown-name' : 'no-dns' }
  const [address, otherAddress] = found
  if (address === undefined) return { kind: 'unknown-name' }
  const socket = await bind(port).catch(async () => await bind(0).catch(() => undefined))
  if (socket === undefined) return { kind: 'silent' }
  try {
    const first = await ask(socket, { address, port: serverPort }, limitMs)
    if (first === undefined) return { kind: 'silent' }
    const other =
      first.other ?? (otherAddress === undefined ? undefined : { address: otherAddress, port: serverPort })
    const second = other && (await ask(socket, other, limitMs))
    return { kind: 'answered', port: socket.address().port, mapped: first.mapped, second: second?.mapped }
  } finally {
    socket.close()
  }
}

async function bind(port: number): Promise<Socket> {
  const socket = createSocket('udp4')
  try {
    socket.bind(port)
    await once(socket, 'listening')
  } catch (error) {
    socket.close()
    throw error
  }
  socket.on('error', () => {}) // such as a host that is unreachable: no answer comes
  return socket
}

async function ask(
  socket: Socket,
  to: MappedAddress,
  limitMs: number,
): Promise<{ mapped: MappedAddress; other: MappedAddress | undefined } | undefined> {
  const transaction = randomBytes(12)
  const timers = SEND_AT_MS.map((atMs) =>
    setTimeout(() => socket.send(writeBindingRequest(transaction), to.port, to.address, () => {}), atMs),
  )
  const done = new AbortController()
  using limit = deadline(limitMs, undefined)
  try {
    return await Promise.race([answerTo(socket, transaction, to, done.signal), limit.reached])
  } finally {
    done.abort()
    for (const timer of timers) clearTimeout(timer)
  }
}

/** Never rejects: an abort leaves it unanswered. */
async function answerTo(
  socket: Socket,
  transaction: Buffer,
  to: MappedAddress,
  signal: AbortSignal,
): Promise<{ mapped: MappedAddress; other: MappedAddress | undefined } | undefined> {
  try {
    for (;;) {
      const [packet, from] = (await once(socket, 'message', { signal })) as [Buffer, RemoteInfo]
      if (from.address !== to.address || from.port !== to.port || !isBindingSuccess(packet, transaction))
        continue
      const mapped = mappedAddressOf(packet)
      if (mapped !== undefined) return { mapped, other: otherAddressOf(packet) }
    }
  } catch {
    return undefined
  }
}
