import { randomInt } from 'node:crypto'
import type { Sink } from '../../rtp/fanout.js'
import { HISTORY_PACKETS } from '../../rtp/history.js'
import { CLOCK_RATE_HZ, type MediaPacket } from '../../rtp/packet.js'
import type { RtpFields } from '../../srtp/rtp-header.js'
import type { DescribeFrame } from '../../rtp/header-extension.js'

/** What a viewer is sent, as the answer says it. */
export interface StreamFormat {
  payloadType: number
  ssrc: number
  /** The stream of retransmissions (RFC 4588), where the client has one. */
  rtx: { payloadType: number; ssrc: number } | undefined
  /** The client's number of each header extension that is written, by its URI. */
  extensions: ReadonlyMap<string, number>
}

/** Where a viewer's packets go: what is behind it protects and sends. */
export interface RtpSender {
  /** Sends a packet, at the latest with the next `flush`. */
  sendRtp(fields: RtpFields, payload: Buffer): void
  flush(): void
}

/** A receiver carries on from what it was told last: by then its clock and ours may have drifted apart by a little. */
const DESCRIBE_EVERY_TICKS = CLOCK_RATE_HZ
/** Behind each gap that was made on purpose begins a run; nobody asks for packets of a run as old as this many. */
const MAX_RUNS = 32

/** Packets without a gap made on purpose: they differ from their sequence numbers by the same amount. */
interface Run {
  firstIndex: number
  /** Sequence number, unwrapped, less index. */
  offset: number
}

/**
 * One viewer's view of its camera: its own SSRC, payload type and sequence numbers over packets that all viewers share. It
 * starts at a keyframe, for nothing before it can be decoded.
 */
export class OutgoingStream implements Sink {
  readonly #sender: RtpSender
  readonly #fields: RtpFields
  readonly #describe: DescribeFrame
  #started = false
  #run: Run = { firstIndex: 0, offset: 0 }
  readonly #earlierRuns: Run[] = []
  #describedTimestamp = 0
  /** The extensions by index, oldest first: a packet that is sent again has to be the same to the bit (RFC 7714 section 8.1). */
  readonly #extensions = new Map<number, Buffer>()
  /** The newest packet that was sent, and the picture it was of. */
  lastIndex = 0
  lastTimestamp = 0
  packets = 0
  octets = 0

  constructor(
    sender: RtpSender,
    { payloadType, ssrc }: Pick<StreamFormat, 'payloadType' | 'ssrc'>,
    describe: DescribeFrame = () => undefined,
  ) {
    this.#sender = sender
    this.#fields = {
      payloadType,
      ssrc,
      marker: false,
      sequence: 0,
      rollover: 0,
      timestamp: 0,
      extension: undefined,
    }
    this.#describe = describe
  }

  /** HOT: once per packet and viewer. */
  send(packet: MediaPacket): void {
    const { index, timestamp, startsKeyframe } = packet
    if (!this.#started) {
      if (!startsKeyframe) return
      this.#started = true
      // RFC 3711 section 3.3.1: a first sequence number in the lower half leaves no doubt about the rollover counter.
      this.#run = { firstIndex: index, offset: randomInt(0x8000) - index }
    }
    if (index < this.#run.firstIndex) return
    if (index > this.lastIndex) {
      this.lastIndex = index
      this.lastTimestamp = timestamp
    }
    this.packets++
    this.octets += packet.payload.length
    const fields = this.#fields
    if (startsKeyframe || ((timestamp - this.#describedTimestamp) | 0) >= DESCRIBE_EVERY_TICKS) {
      this.#describedTimestamp = timestamp
      fields.extension = this.#describe(timestamp)
      if (fields.extension !== undefined) this.#remember(index, fields.extension)
    } else fields.extension = undefined
    this.#sendAs(packet, index + this.#run.offset)
  }

  /** HOT */
  #sendAs(packet: MediaPacket, extended: number): void {
    const fields = this.#fields
    fields.marker = packet.marker
    fields.sequence = extended & 0xffff
    fields.rollover = Math.floor(extended / 0x10000)
    fields.timestamp = packet.timestamp
    this.#sender.sendRtp(fields, packet.payload)
  }

  /** HOT */
  flush(): void {
    this.#sender.flush()
  }

  #remember(index: number, extension: Buffer): void {
    this.#extensions.set(index, extension)
    for (const old of this.#extensions.keys()) {
      if (old > index - HISTORY_PACKETS) return
      this.#extensions.delete(old)
    }
  }

  /** Sends a packet again as it was, under the sequence number that it had. */
  resend(packet: MediaPacket): void {
    const { index } = packet
    const run = this.#runs().findLast(({ firstIndex }) => firstIndex <= index)
    this.#fields.extension = this.#extensions.get(index)
    if (run !== undefined) this.#sendAs(packet, index + run.offset)
  }

  /**
   * What lies between the last packet and this index is left out on purpose. The next one follows on in the sequence numbers,
   * for a receiver takes a gap in them for loss.
   */
  continueAt(index: number): void {
    if (!this.#started || index <= this.lastIndex + 1) return
    this.#earlierRuns.push(this.#run)
    if (this.#earlierRuns.length > MAX_RUNS) this.#earlierRuns.shift()
    this.#run = { firstIndex: index, offset: this.lastIndex + this.#run.offset + 1 - index }
    this.lastIndex = index - 1
  }

  /** The index of the camera's packet that this viewer knows by a sequence number; undefined for one it was never sent. */
  indexOf(sequence: number): number | undefined {
    const latest = this.lastIndex + this.#run.offset
    const extended = latest - ((latest - sequence) & 0xffff)
    const run = this.#runs().findLast(({ firstIndex, offset }) => firstIndex + offset <= extended)
    return this.#started && run !== undefined ? extended - run.offset : undefined
  }

  get isStarted(): boolean {
    return this.#started
  }

  #runs(): Run[] {
    return [...this.#earlierRuns, this.#run]
  }
}
