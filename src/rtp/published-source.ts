import type { IngestPorts } from './ingest.js'
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
  #waiting: (() => void)[] = []
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
    if (this.#waiting.length > 0) for (const resolve of this.#waiting.splice(0)) resolve()
  }

  async nextPacket(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push(resolve)
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
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
