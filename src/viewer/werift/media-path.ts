import type { Address, UdpMux } from '../transport/udp-mux.js'
import type { ConnectionInternals } from './internals.js'
import { nominatedPath, type NominatedPath } from './nominated-path.js'
import type { SecondProtocol } from './second-protocol.js'
import { SelectedPath } from './selected-path.js'

/** One viewer's nominated pair: through a UDP socket, over a TCP connection, or through a TURN server. */
export class MediaPath {
  readonly #mux: UdpMux
  readonly #ice: ConnectionInternals
  readonly #seconds: readonly SecondProtocol[]
  readonly #udp: SelectedPath
  /** Undefined if the nominated pair uses the UDP mux. */
  #second: NominatedPath['second']

  /** @param seconds beside the UDP mux. */
  constructor(mux: UdpMux, ice: ConnectionInternals, seconds: readonly SecondProtocol[]) {
    this.#mux = mux
    this.#ice = ice
    this.#seconds = seconds
    this.#udp = new SelectedPath((to) => mux.pathTo(to))
  }

  /** Called after checks and responses. */
  followNomination(): void {
    const path = nominatedPath(this.#ice, this.#seconds)
    this.#second = path?.second
    this.#udp.nominate(path?.second === undefined ? path?.to : undefined)
  }

  /** @param from of a UDP datagram that is authentic, or belongs to the handshake. */
  follow(from: Address): void {
    this.#udp.follow(from)
  }

  get isOpen(): boolean {
    return this.#second !== undefined || this.isDirect
  }

  /** Open, through the UDP mux. */
  get isDirect(): boolean {
    return this.#udp.current !== undefined
  }

  /** Open, through a TURN server. */
  get isRelayed(): boolean {
    return this.#second?.protocol.isRelay === true
  }

  /** Undefined without a nominated pair. */
  get address(): string | undefined {
    return (this.#second?.connection ?? this.#udp.current)?.address
  }

  get transport(): 'udp' | 'tcp' {
    return this.#second?.protocol.kind ?? 'udp'
  }

  hasRoom(): boolean {
    return this.#second === undefined || this.#second.protocol.hasRoom(this.#second.connection)
  }

  /** Sends at once on the nominated pair, or drops while there is none. */
  send(packet: Buffer): boolean {
    const to = this.#udp.current
    if (to !== undefined) return this.#mux.send(packet, to)
    return this.#second === undefined || this.#second.connection.send(packet)
  }

  /** HOT: as `send`, but copies the packet, which may wait until the batches are flushed. */
  readonly sendMedia = (packet: Buffer): void => {
    const to = this.#udp.current
    if (to !== undefined) this.#mux.sendBatched(packet, to)
    else this.#second?.connection.send(packet)
  }
}
