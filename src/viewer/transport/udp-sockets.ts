import type { Socket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { alignedInterval } from '../../lib/aligned-interval.js'
import { localAddresses } from './host-addresses.js'
import { bindUdpSocket, UdpSocket, type SocketBatches, type UdpEvents } from './udp-socket.js'

const FOLLOW_INTERVAL_MS = 2000
/** A host with many containers has many addresses; those of its networks come first. */
export const MAX_LOCAL_SOCKETS = 32

/** @returns local addresses in the order in which they get a socket, link-local IPv6 with its zone. @throws when they cannot be read. */
export type ReadAddresses = () => string[]

/**
 * The sockets of one media port: the one at the configured address and, if that is a wildcard, one for each local address, because a
 * check must be answered from the address that it was sent to (RFC 8445 section 7.3.1.2, RFC 8489 section 6.3.1), and a wildcard socket
 * sends from the address that the kernel prefers.
 */
export class UdpSockets implements AsyncDisposable {
  /** Receives what no other socket does, and sends before a path is known. */
  readonly main: UdpSocket
  readonly #events: UdpEvents
  readonly #batches: SocketBatches | undefined
  readonly #readAddresses: ReadAddresses
  readonly #byAddress = new Map<string, UdpSocket>()
  readonly #failed = new Set<string>()
  readonly #following: Disposable | undefined
  #isClosed = false

  constructor(main: Socket, events: UdpEvents, readAddresses?: ReadAddresses, batches?: SocketBatches) {
    this.main = new UdpSocket(main, events, batches)
    this.#events = events
    this.#batches = batches
    this.#readAddresses = readAddresses ?? (() => [])
    if (readAddresses === undefined) return
    this.follow()
    this.#following = alignedInterval(FOLLOW_INTERVAL_MS, () => this.follow())
  }

  /** Opens a socket on each local address that is new, and closes those of addresses that are gone. */
  follow(): void {
    if (this.#isClosed) return
    let present: Set<string>
    try {
      present = new Set(this.#readAddresses().slice(0, MAX_LOCAL_SOCKETS))
    } catch {
      return // getifaddrs(3) needs a file descriptor
    }
    for (const [address, socket] of this.#byAddress)
      if (!present.has(address)) {
        this.#byAddress.delete(address)
        socket.replaceBy(this.main)
      }
    for (const address of this.#failed) if (!present.has(address)) this.#failed.delete(address)
    for (const address of present) if (!this.#byAddress.has(address)) this.#open(address)
  }

  #open(address: string): void {
    try {
      const socket = bindUdpSocket({ port: this.main.port, address, isShared: true })
      this.#byAddress.set(address, new UdpSocket(socket, this.#events, this.#batches))
      this.#failed.delete(address)
    } catch (error) {
      // RFC 4862 section 5.4: a new IPv6 address is tentative for a second.
      if ((error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL' || this.#failed.has(address)) return
      this.#failed.add(address)
      this.#events.onError(error as Error)
    }
  }

  /** The addresses that have a socket of their own. */
  get addresses(): string[] {
    return [...this.#byAddress.keys()]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#following?.[Symbol.dispose]()
    const sockets = [...this.#byAddress.values(), this.main]
    await Promise.all(sockets.map(async (socket) => await socket[Symbol.asyncDispose]()))
  }
}

/**
 * @param port 0: any free port. @param address IPv4 or IPv6; `::` accepts both.
 * @throws Error (EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT)
 */
export function openUdpSockets(
  port: number,
  address: string,
  events: UdpEvents,
  batches?: SocketBatches,
): UdpSockets {
  const isWildcard = address === '0.0.0.0' || address === '::'
  const exclusive = bindUdpSocket({ port, address, isShared: false })
  if (!isWildcard) return new UdpSockets(exclusive, events, undefined, batches)
  // A shared bind also succeeds when another program shares the port: the exclusive one before finds that out.
  const { port: free } = exclusive.address()
  exclusive.close()
  const main = bindUdpSocket({ port: free, address, isShared: true })
  const readAddresses = (): string[] => localAddresses(networkInterfaces(), address === '::')
  return new UdpSockets(main, events, readAddresses, batches)
}
