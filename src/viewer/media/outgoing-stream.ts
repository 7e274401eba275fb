import { randomInt } from 'node:crypto'
import type { Sink } from '../../rtp/fanout.js'
import { HISTORY_PACKETS, type PacketHistory } from '../../rtp/history.js'
import { CLOCK_RATE_HZ, type MediaPacket } from '../../rtp/packet.js'
import { addPictureIds, pictureIdOf, pictureIdStep, PictureIdWriter } from '../../rtp/picture-id.js'
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
  /** The packet may wait until `flush`; the payload is copied at once. */
  sendRtp(fields: RtpFields, payload: Buffer): void
  flush(): void
}

/** The receiver extrapolates from the last header extension, so clock drift must stay small. */
const EXTENSION_INTERVAL_TICKS = CLOCK_RATE_HZ
/** Viewers do not request packets from older runs. */
const MAX_RUNS = 32

/** After a change of size, if the first frame of the new one was captured no later than the last one of the old one. */
const MIN_STEP_TICKS = CLOCK_RATE_HZ / 100

/** Packets of one size between two deliberate gaps: index and sequence number differ by a constant. */
interface Run {
  /** Of the size; undefined if nothing can be sent again. */
  history: PacketHistory | undefined
  firstIndex: number
  /** Extended sequence number minus index. */
  offset: number
  timestampOffset: number
  /** Added to the picture ids of VP8. */
  pictureIdStep: number
}

/** A packet as a viewer was sent it. The payload is valid until the next one is sent. */
export interface SentPacket {
  marker: boolean
  timestamp: number
  payload: Buffer
  /** Extended sequence number. */
  extended: number
}

/**
 * One viewer's SSRC, payload type and sequence numbers for packets that all viewers share. Starts at a keyframe. At a keyframe it may
 * go on with another size of the same camera, without a break in sequence numbers, timestamps and picture ids.
 */
export class OutgoingStream implements Sink {
  readonly #sender: RtpSender
  readonly #fields: RtpFields
  readonly #firstSequence: number
  readonly #describe: DescribeFrame
  readonly #stamp: StampPacket | undefined
  #started = false
  #run: Run = { history: undefined, firstIndex: 0, offset: 0, timestampOffset: 0, pictureIdStep: 0 }
  readonly #pictureIds = new PictureIdWriter()
  readonly #earlierRuns: Run[] = []
  #extensionTimestamp = 0
  /** By extended sequence number, oldest first: a retransmitted packet must be identical (RFC 7714 section 8.1). */
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
    const { index, startsKeyframe } = packet
    if (!this.#started) {
      if (!startsKeyframe) return
      this.#started = true
      this.#begin(index)
    }
    const run = this.#run
    if (index < run.firstIndex) return
    const timestamp = (packet.timestamp + run.timestampOffset) >>> 0
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
      fields.extension = this.#describe(packet.timestamp)
      if (fields.extension !== undefined) this.#remember(index + run.offset, fields.extension)
    } else fields.extension = undefined
    fields.timestamp = timestamp
    this.#sendAs(packet.marker, index + run.offset, this.#pictureIds.write(packet.payload, run.pictureIdStep))
  }

  #begin(index: number): void {
    this.#run = { ...this.#run, firstIndex: index, offset: this.#firstSequence - index }
  }

  /** HOT */
  #sendAs(marker: boolean, extended: number, payload: Buffer): void {
    const fields = this.#fields
    fields.marker = marker
    fields.sequence = extended & 0xffff
    fields.rollover = Math.floor(extended / 0x10000)
    this.#sender.sendRtp(fields, payload)
  }

  /** HOT */
  flush(): void {
    this.#sender.flush()
  }

  #remember(extended: number, extension: Buffer): void {
    this.#extensions.set(extended, extension)
    for (const old of this.#extensions.keys()) {
      if (old > extended - HISTORY_PACKETS) return
      this.#extensions.delete(old)
    }
  }

  /** Sends a packet again, exactly as it was sent. */
  resend({ marker, extended, timestamp, payload }: SentPacket): void {
    this.#fields.extension = this.#extensions.get(extended)
    this.#fields.timestamp = timestamp
    this.#sendAs(marker, extended, payload)
  }

  /** The history of the size that is sent. Called before the first packet. */
  readFrom(history: PacketHistory): void {
    this.#run = { ...this.#run, history }
  }

  /** Goes on with a keyframe of another size. @param keyframe its first packet. */
  switchTo(history: PacketHistory, keyframe: MediaPacket): void {
    if (!this.#started) return this.readFrom(history)
    const before = this.#run
    const last = before.history?.get(this.lastIndex)
    const lastId = last === undefined ? -1 : addPictureIds(pictureIdOf(last.payload), before.pictureIdStep)
    const isLater = ((keyframe.timestamp - this.lastTimestamp) | 0) > 0
    this.#keep(before)
    this.#run = {
      history,
      firstIndex: keyframe.index,
      offset: this.lastIndex + before.offset + 1 - keyframe.index,
      timestampOffset: isLater ? 0 : (this.lastTimestamp + MIN_STEP_TICKS - keyframe.timestamp) | 0,
      pictureIdStep: pictureIdStep(lastId, keyframe.payload),
    }
    this.lastIndex = keyframe.index - 1
  }

  /** What was added to the timestamps of the camera, in units of 1/90000 s. */
  get timestampOffset(): number {
    return this.#run.timestampOffset
  }

  /** Of the last frame, on the line of the camera. */
  get sourceTimestamp(): number {
    return (this.lastTimestamp - this.#run.timestampOffset) >>> 0
  }

  #keep(run: Run): void {
    this.#earlierRuns.push(run)
    if (this.#earlierRuns.length > MAX_RUNS) this.#earlierRuns.shift()
  }

  /** Skips packets up to this index without a gap in the sequence numbers, which would mean loss. */
  continueAt(index: number): void {
    if (!this.#started || index <= this.lastIndex + 1) return
    const before = this.#run
    this.#keep(before)
    this.#run = { ...before, firstIndex: index, offset: this.lastIndex + before.offset + 1 - index }
    this.lastIndex = index - 1
  }

  /** Undefined for a sequence number that was never sent, or whose packet is not kept any more. */
  find(sequence: number): SentPacket | undefined {
    if (!this.#started) return undefined
    const latest = this.lastIndex + this.#run.offset
    const extended = latest - ((latest - sequence) & 0xffff)
    const run = this.#runs().findLast(({ firstIndex, offset }) => firstIndex + offset <= extended)
    const packet = run?.history?.get(extended - run.offset)
    if (run === undefined || packet === undefined) return undefined
    const timestamp = (packet.timestamp + run.timestampOffset) >>> 0
    const payload = this.#pictureIds.write(packet.payload, run.pictureIdStep)
    return { marker: packet.marker, timestamp, payload, extended }
  }

  /** Of the packet with the highest sequence number so far. */
  get lastSequence(): number {
    return (this.lastIndex + this.#run.offset) & 0xffff
  }

  get isStarted(): boolean {
    return this.#started
  }

  #runs(): Run[] {
    return [...this.#earlierRuns, this.#run]
  }
}
