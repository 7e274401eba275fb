import { createHash, createHmac } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket as TcpSocket } from 'node:net'
import { onTestFinished } from 'vitest'
import { uint32, writeStun, xorMappedAddress, errorCode, type Attribute } from './viewer-stun.js'

/** Requests, by their method. */
export const TURN_TYPES: Record<number, string> = { 3: 'allocate', 4: 'refresh', 9: 'bind' }

const COOKIE = 0x2112a442
const [USERNAME, INTEGRITY, CHANNEL, LIFETIME, PEER, DATA, REALM, NONCE, RELAYED] = [
  6, 8, 12, 13, 18, 19, 20, 21, 22,
]

export interface TurnRequest {
  type: string
  raw: Buffer
  /** Of a refresh that has one; 0 frees the allocation. */
  lifetime: number | undefined
  isAuthentic: boolean
  transactionId: Buffer
  /** Sends a response, or anything else. */
  reply: (message: Buffer) => void
  respond: (fields: { error?: number; attributes?: Attribute[]; sign?: boolean }) => void
}

export interface TurnServerOptions {
  transport?: 'udp' | 'tcp'
  username?: string
  password?: string
  lifetimeS?: number
  /** Answers in place of the server. @returns whether it did. */
  instead?: (request: TurnRequest) => boolean
}

export interface TestTurnServer extends AsyncDisposable {
  readonly uri: string
  readonly port: number
  readonly requests: TurnRequest[]
  /** Relayed addresses in use. */
  allocations: () => number
  /** The ports of relayed addresses so far. */
  relayPorts: number[]
  /** Packets that were relayed, in both directions. */
  relayed: number
  /** The nonce of requests so far is no longer accepted. */
  forgetNonce: () => void
  /** Passes bytes to every client, as if it had relayed them. */
  shout: (message: Buffer) => void
}

interface Client {
  send: (message: Buffer) => void
  relay: Socket | undefined
  channels: Map<number, { address: string; port: number }>
  address: string
  port: number
}

/** A small TURN server (RFC 8656) on the loopback address, which need not keep the rules. */
export async function openTurnServer(options: TurnServerOptions = {}): Promise<TestTurnServer> {
  const { transport = 'udp', username = 'anna', password = 'secret', lifetimeS = 600, instead } = options
  const key = createHash('md5').update(`${username}:test:${password}`).digest()
  const clients = new Map<string, Client>()
  const sockets = new Set<TcpSocket>()
  let nonce = 1

  const free = (client: Client): void => {
    client.relay?.close()
    client.relay = undefined
    client.channels.clear()
  }

  const allocate = async (client: Client): Promise<Socket> => {
    const relay = createSocket('udp4')
    client.relay = relay
    relay.on('message', (packet, from) => {
      state.relayed++
      for (const [number, peer] of client.channels)
        if (peer.port === from.port && peer.address === from.address)
          return client.send(channelData(number, packet, transport === 'tcp'))
      const id = Buffer.alloc(12, 7)
      const [, peer] = xorMappedAddress(from.address, from.port, id)
      client.send(
        writeStun({
          type: 0x17,
          transactionId: id,
          attributes: [
            [PEER, peer],
            [DATA, packet],
          ],
        }),
      )
    })
    relay.bind(0, '127.0.0.1')
    await once(relay, 'listening')
    state.relayPorts.push(relay.address().port)
    return relay
  }

  const serve = async (request: TurnRequest, client: Client): Promise<void> => {
    state.requests.push(request)
    if (instead?.(request) === true) return
    const challenge: Attribute[] = [
      [REALM, Buffer.from('test')],
      [NONCE, Buffer.from(`nonce-${nonce}`)],
    ]
    const shown = attributeOf(request.raw, NONCE)?.toString()
    if (shown !== undefined && shown !== `nonce-${nonce}`)
      return request.respond({ error: 438, attributes: challenge, sign: false })
    if (!request.isAuthentic) return request.respond({ error: 401, attributes: challenge, sign: false })
    const granted: Attribute = [LIFETIME, uint32(lifetimeS)]
    if (request.type === 'allocate') {
      const { port } = (client.relay ?? (await allocate(client))).address()
      const id = request.transactionId
      const [, relayed] = xorMappedAddress('127.0.0.1', port, id)
      request.respond({
        attributes: [[RELAYED, relayed], xorMappedAddress(client.address, client.port, id), granted],
      })
    } else if (client.relay === undefined) request.respond({ error: 437 })
    else if (request.type === 'refresh') {
      if (request.lifetime === 0) free(client)
      request.respond({ attributes: [granted] })
    } else if (request.type === 'bind') {
      const number = attributeOf(request.raw, CHANNEL)!.readUInt16BE(0)
      const peer = attributeOf(request.raw, PEER)!
      client.channels.set(number, {
        port: peer.readUInt16BE(2) ^ (COOKIE >>> 16),
        address: [...peer.subarray(4)].map((byte, i) => byte ^ uint32(COOKIE)[i]!).join('.'),
      })
      request.respond({})
    }
  }

  const receive = (message: Buffer, client: Client): void => {
    if (message[0]! >= 0x40) {
      const peer = client.channels.get(message.readUInt16BE(0))
      const packet = message.subarray(4, 4 + message.readUInt16BE(2))
      if (peer !== undefined) state.relayed++
      if (peer !== undefined) client.relay?.send(packet, peer.port, peer.address)
      return
    }
    const type = message.readUInt16BE(0)
    const transactionId = Buffer.from(message.subarray(8, 20))
    const reply = (answer: Buffer): void => client.send(answer)
    const isAuthentic = isSigned(message, key) && attributeOf(message, USERNAME)?.toString() === username
    void serve(
      {
        type: TURN_TYPES[type] ?? String(type),
        raw: message,
        lifetime: attributeOf(message, LIFETIME)?.readUInt32BE(),
        isAuthentic,
        transactionId,
        reply,
        respond: ({ error, attributes = [], sign = true }) =>
          reply(
            writeStun({
              type: type | (error === undefined ? 0x100 : 0x110),
              transactionId,
              attributes: error === undefined ? attributes : [errorCode(error), ...attributes],
              ...(sign && { password: key }),
            }),
          ),
      },
      client,
    )
  }

  const udp = createSocket('udp4')
  const tcp = createServer((socket) => {
    sockets.add(socket)
    const client: Client = {
      send: (message) => void socket.write(message),
      relay: undefined,
      channels: new Map(),
      address: '127.0.0.1',
      port: socket.remotePort!,
    }
    const name = String(client.port)
    clients.set(name, client)
    let waiting = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk])
      while (waiting.length >= 4) {
        const length = waiting.readUInt16BE(2)
        const bytes = waiting[0]! >= 0x40 ? 4 + Math.ceil(length / 4) * 4 : 20 + length
        if (waiting.length < bytes) return
        receive(waiting.subarray(0, bytes), client)
        waiting = waiting.subarray(bytes)
      }
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      free(client)
      clients.delete(name)
    })
  })
  udp.on('message', (message, { address, port }) => {
    const name = `${address} ${port}`
    const client = clients.get(name) ?? {
      send: (answer: Buffer) => udp.send(answer, port, address),
      relay: undefined,
      channels: new Map(),
      address,
      port,
    }
    clients.set(name, client)
    receive(message, client)
  })
  if (transport === 'udp') await once(udp.bind(0, '127.0.0.1'), 'listening')
  else await once(tcp.listen(0, '127.0.0.1'), 'listening')
  const port = transport === 'udp' ? udp.address().port : (tcp.address() as { port: number }).port
  let isOpen = true
  const state: TestTurnServer = {
    uri: `turn:127.0.0.1:${port}?transport=${transport}`,
    port,
    requests: [],
    relayPorts: [],
    relayed: 0,
    allocations: () => [...clients.values()].filter(({ relay }) => relay !== undefined).length,
    forgetNonce: () => {
      nonce++
    },
    shout: (message) => {
      for (const { send } of clients.values()) send(message)
    },
    [Symbol.asyncDispose]: async () => {
      if (!isOpen) return
      isOpen = false
      for (const client of clients.values()) free(client)
      for (const socket of sockets) socket.destroy()
      udp.close()
      if (tcp.listening) await new Promise((resolve) => tcp.close(resolve))
    },
  }
  onTestFinished(async () => await state[Symbol.asyncDispose]())
  return state
}

/** RFC 8656 section 12.4 */
export function channelData(channel: number, packet: Buffer, isPadded = false): Buffer {
  const padding = isPadded ? (4 - (packet.length % 4)) % 4 : 0
  const header = Buffer.from([channel >> 8, channel & 255, packet.length >> 8, packet.length & 255])
  return Buffer.concat([header, packet, Buffer.alloc(padding)])
}

function attributeOf(message: Buffer, wanted: number): Buffer | undefined {
  for (let at = 20; at + 4 <= message.length;) {
    const length = message.readUInt16BE(at + 2)
    if (message.readUInt16BE(at) === wanted) return message.subarray(at + 4, at + 4 + length)
    at += 4 + Math.ceil(length / 4) * 4
  }
  return undefined
}

function isSigned(message: Buffer, key: Buffer): boolean {
  const shown = attributeOf(message, INTEGRITY)
  if (shown === undefined) return false
  const at = shown.byteOffset - message.byteOffset - 4
  const covered = Buffer.from(message.subarray(0, at))
  covered.writeUInt16BE(at - 20 + 24, 2)
  return createHmac('sha1', key).update(covered).digest().equals(shown)
}
