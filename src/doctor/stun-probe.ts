import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { deadline } from '../lib/deadline.js'

/** What came of asking a STUN server where we come from. */
export type StunAnswer =
  /** `address`: this machine's own, as the server sees it; undefined where the answer does not say. */
  | { kind: 'answered'; address: string | undefined }
  /** `unknown-name`: no such host. `no-dns`: nobody answers who would know. `unreachable`: no way there, or nothing at that port. */
  | { kind: 'unknown-name' | 'no-dns' | 'unreachable' | 'silent' }

/** RFC 8489 section 6.2.1: a lost request is sent again, after 500 ms, then after twice that. */
const SEND_AT_MS = [0, 500, 1500]
const LIMIT_MS = 3500

/**
 * Sends a binding request (RFC 8489), as a browser will.
 * @param server `stun:host:port`. Never throws, and takes four seconds at most for each of name and answer.
 */
export async function probeStun(
  server: string,
  find: Find = findHost,
  limitMs = LIMIT_MS,
): Promise<StunAnswer> {
  const [, host = '', port = ''] = /^stun:(.*):(\d+)$/.exec(server) ?? []
  using limit = deadline(limitMs, undefined)
  const found = await Promise.race([
    find(host.replaceAll(/^\[|\]$/g, '')).catch((error: unknown) => codeOf(error)),
    limit.reached,
  ])
  if (found === undefined) return { kind: 'no-dns' }
  if (typeof found === 'string') return { kind: found === 'ENOTFOUND' ? 'unknown-name' : 'no-dns' }
  return await request(found, Number(port), limitMs)
}

type Find = (host: string) => Promise<{ address: string; family: number }>

const findHost: Find = async (host) => await lookup(host)

async function request(
  to: { address: string; family: number },
  port: number,
  limitMs: number,
): Promise<StunAnswer> {
  const socket = createSocket(to.family === 6 ? 'udp6' : 'udp4')
  const transaction = randomBytes(12)
  const done = new AbortController()
  const timers: NodeJS.Timeout[] = []
  try {
    using limit = deadline<StunAnswer>(limitMs, { kind: 'silent' })
    // Connected, so that the kernel tells what routers and hosts say of it (ICMP), and hands on nobody else's packets.
    socket.connect(port, to.address)
    await once(socket, 'connect', { signal: done.signal })
    for (const atMs of SEND_AT_MS)
      timers.push(setTimeout(() => sendQuietly(socket, bindingRequest(transaction)), atMs))
    return await Promise.race([answerTo(socket, transaction, done.signal), limit.reached])
  } catch {
    return { kind: 'unreachable' }
  } finally {
    done.abort()
    for (const timer of timers) clearTimeout(timer)
    socket.removeAllListeners('error').on('error', () => {})
    socket.close()
  }
}

/** What goes wrong with a send is also told to the socket. */
const sendQuietly = (socket: Socket, packet: Buffer): void =>
  socket.send(packet, (error) => {
    if (error) socket.emit('error', error)
  })

async function answerTo(socket: Socket, transaction: Buffer, signal: AbortSignal): Promise<StunAnswer> {
  for (;;) {
    const [packet] = (await once(socket, 'message', { signal })) as [Buffer]
    if (isAnswer(packet, transaction)) return { kind: 'answered', address: mappedAddress(packet) }
  }
}

const MAGIC_COOKIE = 0x2112a442
const BINDING_REQUEST = 0x0001
const BINDING_SUCCESS = 0x0101
const XOR_MAPPED_ADDRESS = 0x0020
const HEADER_BYTES = 20

function bindingRequest(transaction: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt16BE(BINDING_REQUEST)
  header.writeUInt32BE(MAGIC_COOKIE, 4)
  return Buffer.concat([header, transaction])
}

const isAnswer = (packet: Buffer, transaction: Buffer): boolean =>
  packet.length >= HEADER_BYTES &&
  packet.readUInt16BE(0) === BINDING_SUCCESS &&
  packet.readUInt32BE(4) === MAGIC_COOKIE &&
  packet.subarray(8, HEADER_BYTES).equals(transaction)

/** RFC 8489 section 14.2, for IPv4. */
function mappedAddress(packet: Buffer): string | undefined {
  for (let at = HEADER_BYTES; at + 4 <= packet.length;) {
    const length = packet.readUInt16BE(at + 2)
    const isIpv4 = length === 8 && at + 12 <= packet.length && packet[at + 5] === 1
    if (packet.readUInt16BE(at) === XOR_MAPPED_ADDRESS && isIpv4) {
      const address = (packet.readUInt32BE(at + 8) ^ MAGIC_COOKIE) >>> 0
      return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.')
    }
    at += 4 + length + ((4 - (length % 4)) % 4)
  }
  return undefined
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown'
