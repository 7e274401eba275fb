import { randomBytes } from 'node:crypto'
import { SocketAddress } from 'node:net'
import {
  errorCodeOf,
  isBindingError,
  isBindingSuccess,
  mappedAddressOf,
  transactionIdOf,
  writeBindingRequest,
  type MappedAddress,
} from '../../lib/stun.js'

/** RFC 8489 section 6.2.1: RTO, doubled after each request; Rc; Rm. */
const FIRST_TIMEOUT_MS = 500
const MAX_REQUESTS = 7
const LAST_TIMEOUT_MS = 16 * FIRST_TIMEOUT_MS
const TRANSACTION_BYTES = 12

/** All this file needs of the media socket. */
export interface StunSocket {
  send(datagram: Buffer, to: MappedAddress): boolean
  onForeignResponse: (response: Buffer, from: MappedAddress) => boolean
}

export type StunOutcome =
  | { kind: 'answered'; mapped: MappedAddress }
  /** An error response, or a response without an address. */
  | { kind: 'refused'; code: number | undefined }
  | { kind: 'silent' | 'closed' }

interface Transaction {
  id: Buffer
  server: string
  finish: (outcome: StunOutcome) => void
}

/**
 * Sends binding requests (RFC 8489) from the media socket, so that the response has the address and port that a router maps this very
 * socket to. Only the server can answer: another host knows neither the 96 bits of the transaction id nor may it use them.
 */
export class StunClient implements Disposable {
  /** Requests, with those that were repeated; responses of the server; dropped responses that others sent. */
  readonly counts = { requests: 0, responses: 0, forged: 0 }
  readonly #socket: StunSocket
  readonly #open = new Map<string, Transaction>()

  constructor(socket: StunSocket) {
    this.#socket = socket
    socket.onForeignResponse = (response, from) => this.#receive(response, from)
  }

  /** Resolves with the response, or after 39.5 s without one. Never rejects. */
  async ask(server: MappedAddress): Promise<StunOutcome> {
    const id = randomBytes(TRANSACTION_BYTES)
    const request = writeBindingRequest(id)
    const key = transactionIdOf(request)
    let timer: NodeJS.Timeout | undefined
    const outcome = await new Promise<StunOutcome>((finish) => {
      this.#open.set(key, { id, server: keyOf(server), finish })
      const send = (sent: number, waitMs: number): void => {
        this.counts.requests++
        this.#send(request, server)
        const isLast = sent + 1 === MAX_REQUESTS
        timer = isLast
          ? setTimeout(finish, LAST_TIMEOUT_MS, { kind: 'silent' })
          : setTimeout(send, waitMs, sent + 1, 2 * waitMs)
        timer.unref()
      }
      send(0, FIRST_TIMEOUT_MS)
    })
    clearTimeout(timer)
    this.#open.delete(key)
    return outcome
  }

  #send(request: Buffer, server: MappedAddress): void {
    try {
      this.#socket.send(request, server)
    } catch {
      // A reload has closed the socket, and will close this client: a lost request.
    }
  }

  /** @returns false if the response is not the server's: it is dropped. */
  #receive(response: Buffer, from: MappedAddress): boolean {
    const transaction = this.#open.get(transactionIdOf(response))
    if (transaction === undefined) return false
    const isSuccess = isBindingSuccess(response, transaction.id)
    if (!isSuccess && !isBindingError(response)) return false
    if (keyOf(from) !== transaction.server) {
      this.counts.forged++
      return false
    }
    this.counts.responses++
    const mapped = isSuccess ? mappedAddressOf(response) : undefined
    transaction.finish(
      mapped === undefined ? { kind: 'refused', code: errorCodeOf(response) } : { kind: 'answered', mapped },
    )
    return true
  }

  /** Requests without a response. */
  get open(): number {
    return this.#open.size
  }

  [Symbol.dispose](): void {
    for (const { finish } of [...this.#open.values()]) finish({ kind: 'closed' })
  }
}

/** One text for each address: IPv6 addresses have many. */
function keyOf({ address, port }: MappedAddress): string {
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  return `${new SocketAddress({ address, family }).address} ${port}`
}
