import { randomInt } from 'node:crypto'
import type { Sink } from '../../rtp/fanout.js'
import { HISTORY_PACKETS } from '../../rtp/history.js'
import { CLOCK_RATE_HZ, type MediaPacket } from '../../rtp/packet.js'
import type { RtpFields } from '../../srtp/rtp-header.js'
import type { DescribeFrame } from '../../rtp/header-extension.js'
import type { StampPacket } from '../../rtp/send-time.js'

export interface StreamFormat {
  payloadType: number
  ssrc: number
  /** Sequence number of the first packet; random if it is undefined. */
  firstSequence?: number
  /** RFC 4588; undefined if the client does not support it. */
  rtx: { payloadType: number; ssrc: number } | undefined
  /** The client's id of each header extension, by URI. */
  extensions: ReadonlyMap<string, number>
  /** Undefined if the client gets no sound. */
  audio?: AudioFormat | undefined
}

export type AudioFormat = Pick<StreamFormat, 'payloadType' | 'ssrc' | 'firstSequence'>

export interface RtpSender {
  /** The packet may wait until `flush`. */
  sendRtp(fields: RtpFields, payload: Buffer): void
  flush(): void
}

/** The receiver extrapolates from the last header extension, so clock drift must stay small. */
const EXTENSION_INTERVAL_TICKS = CLOCK_RATE_HZ
/** Viewers do not request packets from older runs. */
const MAX_RUNS = 32

/** Packets between two deliberate gaps: index and sequence number differ by a constant. */
interface Run {
  firstIndex: number
  /** Extended sequence number minus index. */
  offset: number
}

/** One viewer's SSRC, payload type and sequence numbers for packets that all viewers share. Starts at a keyframe. */
export class OutgoingStream implements Sink {
  readonly #sender: RtpSender
  readonly #fields: RtpFields
  readonly #firstSequence: number
  readonly #describe: DescribeFrame
  readonly #stamp: StampPacket | undefined
  #started = false
  #run: Run = { firstIndex: 0, offset: 0 }
  readonly #earlierRuns: Run[] = []
  #extensionTimestamp = 0
  /** By index, oldest first: a retransmitted packet must be identical (RFC 7714 section 8.1). */
  readonly #extensions = new Map<number, Buffer>()
  lastIndex = 0
  lastTimestamp = 0
  packets = 0
  octets = 0

  constructor(
    sender: RtpSender,
    { payloadType, ssrc, firstSequence }: Pick<StreamFormat, 'payloadType' | 'ssrc' | 'firstSequence'>,
    describe: DescribeFrame = () => undefined,
    stamp?: StampPacket,
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
    // RFC 3711 section 3.3.1: in the lower half the rollover counter is unambiguous.
    this.#firstSequence = firstSequence ?? randomInt(0x8000)
    this.#describe = describe
    this.#stamp = stamp
  }

  /** HOT: once per packet and viewer. */
  send(packet: MediaPacket): void {
    const { index, timestamp, startsKeyframe } = packet
    if (!this.#started) {
      if (!startsKeyframe) return
      this.#started = true
      this.#run = { firstIndex: index, offset: this.#firstSequence - index }
    }
    if (index < this.#run.firstIndex) return
    if (index > this.lastIndex) {
      this.lastIndex = index
      this.lastTimestamp = timestamp
    }
    this.packets++
    this.octets += packet.payload.length
    const fields = this.#fields
    if (this.#stamp !== undefined) fields.extension = this.#stamp()
    else if (startsKeyframe || ((timestamp - this.#extensionTimestamp) | 0) >= EXTENSION_INTERVAL_TICKS) {
      this.#extensionTimestamp = timestamp
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

  resend(packet: MediaPacket): void {
    const { index } = packet
    const run = this.#runs().findLast(({ firstIndex }) => firstIndex <= index)
    this.#fields.extension = this.#extensions.get(index)
    if (run !== undefined) this.#sendAs(packet, index + run.offset)
  }

  /** Skips packets up to this index without a gap in the sequence numbers, which would mean loss. */
  continueAt(index: number): void {
    if (!this.#started || index <= this.lastIndex + 1) return
    this.#earlierRuns.push(this.#run)
    if (this.#earlierRuns.length > MAX_RUNS) this.#earlierRuns.shift()
    this.#run = { firstIndex: index, offset: this.lastIndex + this.#run.offset + 1 - index }
    this.lastIndex = index - 1
  }

  /** Undefined for a sequence number that was never sent. */
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
