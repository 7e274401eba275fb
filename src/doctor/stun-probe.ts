import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { deadline } from '../lib/deadline.js'
import { isBindingSuccess, mappedAddressOf, stunServerOf, writeBindingRequest } from '../lib/stun.js'

export type StunAnswer =
  /** `address`: the public address of this machine, if the response has one. */
  | { kind: 'answered'; address: string | undefined }
  /** `no-dns`: no name server answers. `unreachable`: no route, or the port is closed. */
  | { kind: 'unknown-name' | 'no-dns' | 'unreachable' | 'silent' }

/** RFC 8489 section 6.2.1 */
const SEND_AT_MS = [0, 500, 1500]
const LIMIT_MS = 3500

/** Sends binding requests (RFC 8489). Never throws. @param server `stun:host:port` @param limitMs for each of name and response. */
export async function probeStun(
  server: string,
  find: Find = findHost,
  limitMs = LIMIT_MS,
): Promise<StunAnswer> {
  const { host, port } = stunServerOf(server)
  using limit = deadline(limitMs, undefined)
  const found = await Promise.race([find(host).catch((error: unknown) => codeOf(error)), limit.reached])
  if (found === undefined) return { kind: 'no-dns' }
  if (typeof found === 'string') return { kind: found === 'ENOTFOUND' ? 'unknown-name' : 'no-dns' }
  return await request(found, port, limitMs)
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
    // Connected: the kernel reports ICMP errors and drops datagrams from other hosts.
    socket.connect(port, to.address)
    await once(socket, 'connect', { signal: done.signal })
    for (const atMs of SEND_AT_MS)
      timers.push(setTimeout(() => sendPacket(socket, writeBindingRequest(transaction)), atMs))
    return await Promise.race([responseTo(socket, transaction, done.signal), limit.reached])
  } catch {
    return { kind: 'unreachable' }
  } finally {
    done.abort()
    for (const timer of timers) clearTimeout(timer)
    socket.removeAllListeners('error').on('error', () => {})
    socket.close()
  }
}

const sendPacket = (socket: Socket, packet: Buffer): void =>
  socket.send(packet, (error) => {
    if (error) socket.emit('error', error)
  })

async function responseTo(socket: Socket, transaction: Buffer, signal: AbortSignal): Promise<StunAnswer> {
  for (;;) {
    const [packet] = (await once(socket, 'message', { signal })) as [Buffer]
    if (isBindingSuccess(packet, transaction))
      return { kind: 'answered', address: mappedAddressOf(packet)?.address }
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown'
