import type { IngestPorts } from './ingest.js'
import { PacketWaiters } from './packet-waiters.js'
import type { PacketSource, SourceEvents } from './packet-source.js'

const NO_PORTS: IngestPorts = { rtpPort: 0, rtcpPort: 0, feedbackPort: 0 }

/** One publisher's packets, decrypted and in order. Nothing is accepted after it is disposed. */
export interface Publishing extends Disposable {
  receive(rtp: Buffer, nowMs: number): void
  /** Called after the last packet of a wake-up. */
  flush(): void
  /** Its next packet belongs to another stream, with other numbers. */
  restarts(): void
}

/** The packets of a camera that is published to this server: there is no socket. One publisher at a time. */
export class PublishedSource implements PacketSource {
  readonly ports = NO_PORTS
  readonly #events: SourceEvents
  #current: object | undefined
  #requestKeyframe = (): void => {}
  readonly #waiters = new PacketWaiters()
  packets = 0
  ignored = 0

  constructor(events: SourceEvents) {
    this.#events = events
  }

  /** Whether somebody publishes, with or without packets. */
  get isPublished(): boolean {
    return this.#current !== undefined
  }

  /** Takes the place of an earlier publisher. Viewers stay: to them it is a restart of the capture. */
  publish(requestKeyframe: () => void): Publishing {
    const own = {}
    this.#current = own
    this.#requestKeyframe = requestKeyframe
    this.#events.onNewSender()
    return {
      receive: (rtp, nowMs) => {
        if (this.#current === own) this.#receive(rtp, nowMs)
      },
      flush: () => this.#events.onBurstEnd(),
      restarts: () => {
        if (this.#current === own) this.#events.onNewSender()
      },
      [Symbol.dispose]: () => {
        if (this.#current !== own) return
        this.#current = undefined
        this.#requestKeyframe = () => {}
      },
    }
  }

  #receive(rtp: Buffer, nowMs: number): void {
    if (!this.#events.onPacket(rtp, nowMs)) {
      this.ignored++
      return
    }
    this.packets++
    this.#waiters.notify()
  }

  async nextPacket(signal: AbortSignal): Promise<void> {
    await this.#waiters.next(signal)
  }

  requestKeyframe(): void {
    this.#requestKeyframe()
  }

  expectNewSender(): void {
    // A publisher announces itself.
  }

  /** Its packets arrive whether somebody watches or not. */
  watched(): void {}

  async portsForStart(): Promise<Readonly<IngestPorts>> {
    return await Promise.resolve(NO_PORTS)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#current = undefined
    await Promise.resolve()
  }
}
