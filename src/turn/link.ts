import { createSocket } from 'node:dgram'
import { connect as connectTcp, isIP, isIPv4, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { MessageReader } from './channel-data.js'
import { noTurn, TurnError, unreachable } from './turn-error.js'
import type { TurnEndpoint, TurnServerOrigin } from './turn-server.js'

/** What waits in Node.js for a slow server, as for a viewer over TCP. */
const MAX_QUEUED_BYTES = 256 * 1024

/** A socket to one TURN server. It sends to no other address. */
export interface TurnLink {
  /** TCP or TLS: nothing is repeated, and messages are padded. */
  readonly isReliable: boolean
  /** Drops the message if too much waits. Its memory must not be reused. */
  send(message: Buffer): void
  close(): void
}

export interface TurnLinkEvents {
  onMessage: (message: Buffer) => void
  /** Not after `close`. */
  onClosed: (error: TurnError) => void
}

/** @returns the addresses of a name. */
export type ResolveHost = (host: string, signal: AbortSignal) => Promise<string[]>

export interface TurnLinkOptions {
  resolve: ResolveHost
  /** Of a server that nobody here has chosen. */
  namedBy: TurnServerOrigin | undefined
}

/** Resolves when messages can be sent. @throws TurnError, or the reason of the signal. */
export async function openLink(
  endpoint: TurnEndpoint,
  events: TurnLinkEvents,
  { resolve, namedBy }: TurnLinkOptions,
  signal: AbortSignal,
): Promise<TurnLink> {
  const addresses = await addressesOf(endpoint, resolve, signal)
  const address = chosen(addresses, namedBy)
  signal.throwIfAborted()
  return endpoint.transport === 'udp'
    ? await openUdp(address, endpoint, events, signal)
    : await openStream(address, endpoint, events, signal)
}

/** At least one. @throws TurnError, or the reason of the signal. */
async function addressesOf(
  { host }: TurnEndpoint,
  resolve: ResolveHost,
  signal: AbortSignal,
): Promise<string[]> {
  if (isIP(host) !== 0) return [host]
  let addresses: string[]
  try {
    addresses = await resolve(host, signal)
  } catch {
    signal.throwIfAborted()
    addresses = []
  }
  if (addresses.length === 0)
    throw new TurnError(
      'has a name without an address',
      'check the name, and that this machine reaches a DNS server',
    )
  return addresses
}

/**
 * The address that is connected to: judged after the name was resolved, and not resolved again, so that a name cannot change between the
 * two. Relayed addresses are of IPv4 unless a client asks for others, so IPv4 first. @throws TurnError
 */
function chosen(addresses: readonly string[], namedBy: TurnServerOrigin | undefined): string {
  const allowed = addresses.filter((address) => namedBy?.mayName(address) ?? true)
  const address = allowed.find(isIPv4) ?? allowed[0]
  if (address === undefined)
    throw new TurnError(
      'is at an address that a server elsewhere must not lead to (loopback, private, link-local or multicast)',
    )
  return address
}

async function openUdp(
  address: string,
  endpoint: TurnEndpoint,
  { onMessage, onClosed }: TurnLinkEvents,
  signal: AbortSignal,
): Promise<TurnLink> {
  const socket = createSocket(isIPv4(address) ? 'udp4' : 'udp6')
  let isOpen = true
  const close = (): void => {
    if (isOpen) socket.close()
    isOpen = false
  }
  return await new Promise((opened, fail) => {
    let isConnected = false
    const abort = (): void => {
      close()
      fail(signal.reason as Error)
    }
    const onError = (error: Error | null): void => {
      // Of other errors, such as a full queue, requests without a response say more.
      if (error === null || !isOpen || (isConnected && !isRefusal(error))) return
      close()
      const problem = unreachable(error, endpoint)
      fail(problem)
      onClosed(problem)
    }
    signal.addEventListener('abort', abort, { once: true })
    socket.on('message', onMessage)
    socket.on('error', onError)
    socket.once('connect', () => {
      isConnected = true
      signal.removeEventListener('abort', abort)
      opened({
        isReliable: false,
        send: (message) => {
          if (isOpen && socket.getSendQueueSize() <= MAX_QUEUED_BYTES) socket.send(message, onError)
        },
        close,
      })
    })
    // A connected socket receives from this address alone.
    socket.connect(endpoint.port, address)
  })
}

/** Nothing listens there any more (ICMP). */
const isRefusal = (error: Error): boolean => (error as { code?: string }).code === 'ECONNREFUSED'

async function openStream(
  address: string,
  endpoint: TurnEndpoint,
  { onMessage, onClosed }: TurnLinkEvents,
  signal: AbortSignal,
): Promise<TurnLink> {
  const { host, port, transport } = endpoint
  const reader = new MessageReader()
  let isOpen = true
  const socket: Socket =
    transport === 'tls'
      ? connectTls({ host: address, port, ...(isIP(host) === 0 && { servername: host }) })
      : connectTcp({ host: address, port })
  socket.setNoDelay(true)
  const close = (): void => {
    isOpen = false
    socket.destroy()
  }
  return await new Promise((opened, fail) => {
    const end = (error: TurnError): void => {
      if (!isOpen) return
      close()
      fail(error)
      onClosed(error)
    }
    const abort = (): void => {
      close()
      fail(signal.reason as Error)
    }
    signal.addEventListener('abort', abort, { once: true })
    socket.on('data', (chunk: Buffer) => {
      const isTurn = reader.read(chunk, (message) => {
        if (isOpen) onMessage(message)
        return isOpen
      })
      if (!isTurn) end(noTurn())
    })
    socket.on('error', (error) => end(unreachable(error, endpoint)))
    socket.on('close', () => end(unreachable({}, endpoint)))
    socket.once(transport === 'tls' ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', abort)
      opened({
        isReliable: true,
        send: (message) => {
          if (isOpen && socket.writableLength <= MAX_QUEUED_BYTES) socket.write(message)
        },
        close,
      })
    })
  })
}
