import type { Address } from '../transport/udp-mux.js'

/**
 * Where one client's media goes: the remote address of the nominated pair, through the local socket on which the client sends. A client
 * checks several of our addresses from one of its own, and sends what is not a check on the pair that it selected.
 */
export class SelectedPath {
  /** Undefined without a nominated pair. */
  current: Address | undefined
  readonly #pathTo: (to: Address) => Address

  /** @param pathTo returns an address with the socket on which its last datagram arrived. */
  constructor(pathTo: (to: Address) => Address) {
    this.#pathTo = pathTo
  }

  /** Called after checks and responses. An address that stays nominated keeps its socket while that is open. */
  nominate(remote: Address | undefined): void {
    if (remote === undefined) this.current = undefined
    else if (!this.#leadsTo(remote) || this.current?.via?.isOpen === false)
      this.current = this.#pathTo(remote)
  }

  /** @param from of a datagram that is authentic, or belongs to the handshake. */
  follow(from: Address): void {
    if (this.#leadsTo(from) && this.current?.via !== from.via) this.current = from
  }

  #leadsTo({ address, port }: Address): boolean {
    return this.current?.address === address && this.current.port === port
  }
}
