import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { bindErrorHandler } from '../../lib/error-context.js'
import { createNetworkCount } from '../../lib/network-count.js'
import { isBindingError, isBindingRequest } from '../../lib/stun.js'
import { occasionally } from './occasional-errors.js'
import { isStun, localUfragOf } from './stun.js'
import { TcpConnection } from './tcp-connection.js'
import { MAX_ERROR_RESPONSES, type MuxAgent } from './udp-mux.js'

/** Connections without an authenticated check. A browser opens one for each candidate that we offer, per camera of the page. */
const UNPROVEN_CONNECTIONS = { all: 256, perNetwork: 64 }
/** From the connection to its first authenticated check. Browsers send it after one round trip. */
const FIRST_CHECK_LIMIT_MS = 5000
/** For one viewer: a browser with two networks, and four of our addresses. */
const MAX_CONNECTIONS_PER_AGENT = 8

/** An ICE agent with passive TCP candidates (RFC 6544). */
export interface TcpAgent extends Pick<MuxAgent, 'ufrag' | 'authenticates'> {
  /** @param from its first check was authenticated. */
  receiveFrame(packet: Buffer, from: TcpConnection): void
  onTcpClosed(): void
}

/** An agent's connections. Disposing it closes them. */
export interface TcpAttachment extends Disposable {
  readonly port: number
  /** The open connection from a client's address. */
  connectionFrom(address: string, port: number): TcpConnection | undefined
}

interface Attached {
  agent: TcpAgent
  /** Attributes errors to the viewer of the agent. */
  withErrorHandler: (work: () => void) => void
  errorResponses: number
  /** By address and port, the least recently used one first. */
  connections: Map<string, TcpConnection>
}

/**
 * One TCP port for all viewers, with the guards of the UDP mux: the user fragment of the first check on a connection selects the
 * viewer, and nothing is answered before that check is authenticated. A connection belongs to one viewer for all its life.
 */
export class TcpMux implements AsyncDisposable {
  readonly port: number
  readonly #server: Server
  readonly #agents = new Map<string, Attached>()
  readonly #connections = new Set<TcpConnection>()
  readonly #unproven = createNetworkCount(() => UNPROVEN_CONNECTIONS)
  readonly #reportDropped: (error: unknown) => void
  readonly dropped = {
    tooMany: 0,
    notAuthenticated: 0,
    tooLate: 0,
    foreignCheck: 0,
    errorFlood: 0,
    indigestible: 0,
  }

  /** @param server listening. */
  constructor(server: Server, onError: (error: Error) => void) {
    this.#server = server
    this.#reportDropped = occasionally(onError)
    this.port = (server.address() as { port: number }).port
    server.on('error', onError)
    server.on('connection', (socket) => this.#accept(socket))
  }

  attach(agent: TcpAgent): TcpAttachment {
    const attached: Attached = {
      agent,
      withErrorHandler: bindErrorHandler(),
      errorResponses: 0,
      connections: new Map(),
    }
    this.#agents.set(agent.ufrag, attached)
    return {
      port: this.port,
      connectionFrom: (address, port) => attached.connections.get(keyOf({ address, port })),
      [Symbol.dispose]: () => {
        if (this.#agents.get(agent.ufrag) === attached) this.#agents.delete(agent.ufrag)
        for (const connection of attached.connections.values()) connection.finish()
      },
    }
  }

  #accept(socket: Socket): void {
    const { remoteAddress } = socket
    if (remoteAddress === undefined) return void socket.destroy() // it was reset before it was accepted
    const slot = this.#unproven.open(remoteAddress)
    if (typeof slot === 'string') {
      this.dropped.tooMany++
      return void socket.destroy()
    }
    let owner: Attached | undefined
    const prove = (): void => {
      clearTimeout(limit)
      slot[Symbol.dispose]()
    }
    const connection = new TcpConnection(socket, {
      onPacket: (packet) => {
        if (owner === undefined) {
          owner = this.#claim(packet, connection)
          if (owner === undefined) return false
          prove()
        } else if (!this.#accepts(owner, packet)) return true
        this.#deliver(owner, packet, connection)
        return true
      },
      onClosed: () => {
        this.#connections.delete(connection)
        if (owner === undefined) prove()
        else this.#release(owner, connection)
      },
    })
    const limit = setTimeout(() => {
      this.dropped.tooLate++
      connection.close()
    }, FIRST_CHECK_LIMIT_MS)
    this.#connections.add(connection)
  }

  /** @param first packet of the connection. @returns undefined unless it is an authenticated check. */
  #claim(first: Buffer, connection: TcpConnection): Attached | undefined {
    const attached = isCheck(first) ? this.#agents.get(localUfragOf(first) ?? '') : undefined
    const key = keyOf(connection)
    if (attached?.agent.authenticates(first) !== true || attached.connections.has(key)) {
      this.dropped.notAuthenticated++
      return undefined
    }
    if (attached.connections.size >= MAX_CONNECTIONS_PER_AGENT)
      attached.connections.values().next().value?.close()
    connection.trust()
    attached.connections.set(key, connection)
    return attached
  }

  #deliver(owner: Attached, packet: Buffer, connection: TcpConnection): void {
    const { agent, connections, withErrorHandler } = owner
    const key = keyOf(connection)
    if (connections.delete(key)) connections.set(key, connection)
    try {
      withErrorHandler(() => agent.receiveFrame(packet, connection))
    } catch (error) {
      this.#logDropped(error)
    }
  }

  /** werift matches responses with its checks, and verifies them. */
  #accepts(owner: Attached, packet: Buffer): boolean {
    const { agent } = owner
    if (!isStun(packet)) return true
    if (isBindingRequest(packet)) {
      if (localUfragOf(packet) === agent.ufrag && agent.authenticates(packet)) return true
      this.dropped.foreignCheck++
      return false
    }
    if (!isBindingError(packet) || ++owner.errorResponses <= MAX_ERROR_RESPONSES) return true
    this.dropped.errorFlood++
    return false
  }

  #release(owner: Attached, connection: TcpConnection): void {
    const key = keyOf(connection)
    if (owner.connections.get(key) === connection) owner.connections.delete(key)
    owner.withErrorHandler(() => owner.agent.onTcpClosed())
  }

  #logDropped(error: unknown): void {
    this.dropped.indigestible++
    this.#reportDropped(error)
  }

  /** All zero without viewers and strangers. */
  get held(): { agents: number; connections: number } {
    return { agents: this.#agents.size, connections: this.#connections.size }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const connection of this.#connections) connection.close()
    await closed
  }
}

const isCheck = (packet: Buffer): boolean => isStun(packet) && isBindingRequest(packet)

const keyOf = ({ address, port }: { address: string; port: number }): string => `${address} ${port}`

/** @param address IPv4 or IPv6; `::` accepts both. @throws Error (EADDRINUSE, EADDRNOTAVAIL) */
export async function openTcpMux(
  port: number,
  address: string,
  onError: (error: Error) => void,
): Promise<TcpMux> {
  const server = createServer({ noDelay: true })
  server.listen(port, address)
  await once(server, 'listening')
  return new TcpMux(server, onError)
}
