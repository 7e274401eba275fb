import type { TcpConnection } from '../transport/tcp-connection.js'
import type { Address, UdpMux } from '../transport/udp-mux.js'
import type { ConnectionInternals } from './internals.js'
import { nominatedPath } from './nominated-path.js'
import { SelectedPath } from './selected-path.js'
import type { TcpProtocol } from './tcp-protocol.js'

/** One viewer's nominated pair: through a UDP socket, or over a TCP connection. */
export class MediaPath {
  readonly #mux: UdpMux
  readonly #ice: ConnectionInternals
  readonly #tcp: TcpProtocol | undefined
  readonly #udp: SelectedPath
  /** Undefined if the nominated pair uses UDP. */
  #connection: TcpConnection | undefined

  constructor(mux: UdpMux, ice: ConnectionInternals, tcp: TcpProtocol | undefined) {
    this.#mux = mux
    this.#ice = ice
    this.#tcp = tcp
    this.#udp = new SelectedPath((to) => mux.pathTo(to))
  }

  /** Called after checks and responses. */
  followNomination(): void {
    const path = nominatedPath(this.#ice, this.#tcp)
    this.#connection = path?.connection
    this.#udp.nominate(path?.connection === undefined ? path?.to : undefined)
  }

  /** @param from of a UDP datagram that is authentic, or belongs to the handshake. */
  follow(from: Address): void {
    this.#udp.follow(from)
  }

  get isOpen(): boolean {
    return this.#connection !== undefined || this.#udp.current !== undefined
  }

  /** Undefined without a nominated pair. */
  get address(): string | undefined {
    return (this.#connection ?? this.#udp.current)?.address
  }

  get transport(): 'udp' | 'tcp' {
    return this.#connection === undefined ? 'udp' : 'tcp'
  }

  hasRoom(): boolean {
    return this.#connection === undefined || this.#tcp!.hasRoom(this.#connection)
  }

  /** Sends at once on the nominated pair, or drops while there is none. */
  send(packet: Buffer): boolean {
    const to = this.#udp.current
    if (to !== undefined) return this.#mux.send(packet, to)
    return this.#connection === undefined || this.#connection.send(packet)
  }

  /** HOT: as `send`, but copies the packet, which may wait until the batches are flushed. */
  readonly sendMedia = (packet: Buffer): void => {
    const to = this.#udp.current
    if (to !== undefined) this.#mux.sendBatched(packet, to)
    else this.#connection?.send(packet)
  }
}
