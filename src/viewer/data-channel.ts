import { randomInt } from 'node:crypto'
import {
  ABORT,
  COOKIE_ACK,
  COOKIE_ECHO,
  DATA,
  ERROR,
  HEARTBEAT,
  HEARTBEAT_ACK,
  INIT,
  INIT_ACK,
  readSctp,
  SACK,
  typeLengthValue,
  typeLengthValues,
  writeSctp,
  type SctpChunk,
} from './sctp-packet.js'

/** Our end of the association (RFC 8841 section 5). */
export const SCTP_PORT = 5000
/** The longest message we take, in bytes; said as `a=max-message-size`. */
export const MAX_MESSAGE_BYTES = 1024

/** RFC 8832 section 6: the DTLS server, which we are, opens channels on odd streams. */
const STREAM_ID = 1
const STREAMS = 2
/** A `pong` comes with one or two others; each may cost an answer. */
const MAX_CHUNKS = 8
const RECEIVE_WINDOW_BYTES = 16 * 1024
const STATE_COOKIE_PARAMETER = 7
const COOKIE_BYTES = 8
const MAX_COOKIE_BYTES = 1024
/** Beginning and end of a message in one chunk (RFC 9260 section 3.3.1): nobody has to cut up a `pong`. */
const UNFRAGMENTED = 3
const UNORDERED = 4
const DATA_HEADER_BYTES = 12
const INIT_BYTES = 16
const SACK_BYTES = 12

/** Payload protocol identifiers (RFC 8831 section 8) and message types (RFC 8832 section 8.2). */
const PPID_DCEP = 50
const PPID_STRING = 51
const DATA_CHANNEL_ACK = 2
const DATA_CHANNEL_OPEN = 3

export interface DataChannelOptions {
  label: string
  /** Of the client's end, as its answer says. */
  remotePort: number
  send: (packet: Buffer) => void
  onText: (text: string) => void
}

type State = 'connecting' | 'open' | 'closed'

/**
 * One data channel that we open (RFC 8832), over an SCTP association (RFC 9260) that has nothing else: one message under way
 * at a time and nothing kept of what comes out of order, so no client makes it grow. Whatever it does not know ends it. It has
 * no timer: `tick` sends again what was not acknowledged.
 */
export class DataChannel {
  readonly #options: DataChannelOptions
  readonly #localTag = randomInt(1, 2 ** 32)
  readonly #cookie = Buffer.from(String(randomInt(10 ** (COOKIE_BYTES - 1), 10 ** COOKIE_BYTES)))
  #state: State = 'connecting'
  #remoteTag = 0
  /** What waits for its acknowledgement: INIT, COOKIE ECHO or DATA. */
  #unanswered: SctpChunk | undefined
  #nextTsn = randomInt(0, 2 ** 32)
  #nextStreamSequence = 0
  #receivedTsn = 0

  constructor(options: DataChannelOptions) {
    this.#options = options
    this.#unanswered = { type: INIT, flags: 0, value: this.#initValue() }
    this.tick()
  }

  /** Sends again what is unanswered. */
  tick(): void {
    const chunk = this.#unanswered
    if (this.#state !== 'closed' && chunk !== undefined) this.#send(chunk)
  }

  /** Sends a message, unless one is under way. @returns whether it did. */
  say(text: string): boolean {
    return this.#sendData(PPID_STRING, Buffer.from(text))
  }

  close(): void {
    if (this.#state !== 'closed') this.#send({ type: ABORT, flags: 0, value: Buffer.alloc(0) })
    this.#state = 'closed'
  }

  /** Takes what came as DTLS application data; what is not a packet for us is dropped. */
  take(bytes: Buffer): void {
    const packet = readSctp(bytes)
    if (packet === undefined || packet.chunks.length > MAX_CHUNKS || this.#state === 'closed') return
    const { sourcePort, destinationPort, verificationTag, chunks } = packet
    if (sourcePort !== this.#options.remotePort || destinationPort !== SCTP_PORT) return
    // RFC 9260 section 8.5: INIT comes alone, and without a tag, for the client cannot know ours yet.
    const begins = chunks.some(({ type }) => type === INIT)
    if (verificationTag !== (begins ? 0 : this.#localTag) || (begins && chunks.length > 1)) return
    if (!chunks.every((chunk) => this.#state !== 'closed' && this.#takeChunk(chunk))) this.close()
  }

  /** @returns whether the association can go on. */
  #takeChunk({ type, flags, value }: SctpChunk): boolean {
    switch (type) {
      case INIT:
        return this.#takeInit(value)
      case INIT_ACK:
        return this.#takeInitAck(value)
      case COOKIE_ECHO:
        if (this.#remoteTag === 0 || !value.equals(this.#cookie)) return false
        this.#send({ type: COOKIE_ACK, flags: 0, value: Buffer.alloc(0) })
        this.#open()
        return true
      case COOKIE_ACK:
        if (this.#unanswered?.type === COOKIE_ECHO) this.#open()
        return true
      case SACK:
        return this.#takeSack(value)
      case DATA:
        return this.#takeData(flags, value)
      case HEARTBEAT:
        if (this.#remoteTag !== 0) this.#send({ type: HEARTBEAT_ACK, flags: 0, value })
        return true
      case ABORT:
        this.#state = 'closed' // RFC 9260 section 8.4: nobody answers an ABORT with another
        return true
      default: // SHUTDOWN too
        return isSkipped(type)
    }
  }

  /** RFC 9260 section 5.2.1: both may begin at once, and either handshake leads to the same association. */
  #takeInit(value: Buffer): boolean {
    if (this.#state === 'open') return true // an old one, on a way of its own
    if (!this.#takePeer(value)) return false
    const cookie = typeLengthValue(STATE_COOKIE_PARAMETER, this.#cookie)
    this.#send({ type: INIT_ACK, flags: 0, value: Buffer.concat([this.#initValue(), cookie]) })
    return true
  }

  #takeInitAck(value: Buffer): boolean {
    if (this.#unanswered?.type !== INIT) return true
    const cookie = typeLengthValues(value.subarray(INIT_BYTES))?.find(
      ({ head }) => head === STATE_COOKIE_PARAMETER,
    )?.value
    if (cookie === undefined || cookie.length > MAX_COOKIE_BYTES || !this.#takePeer(value)) return false
    this.#unanswered = { type: COOKIE_ECHO, flags: 0, value: Buffer.from(cookie) }
    this.tick()
    return true
  }

  #takePeer(value: Buffer): boolean {
    if (value.length < INIT_BYTES || value.readUInt32BE(0) === 0) return false
    this.#remoteTag = value.readUInt32BE(0)
    this.#receivedTsn = (value.readUInt32BE(12) - 1) >>> 0
    return true
  }

  #open(): void {
    if (this.#state === 'open') return
    this.#state = 'open'
    this.#unanswered = undefined
    const label = Buffer.from(this.#options.label)
    const message = Buffer.alloc(12)
    message[0] = DATA_CHANNEL_OPEN
    message.writeUInt16BE(label.length, 8)
    this.#sendData(PPID_DCEP, Buffer.concat([message, label]))
  }

  #sendData(ppid: number, payload: Buffer): boolean {
    if (this.#state !== 'open' || this.#unanswered !== undefined) return false
    const header = Buffer.alloc(DATA_HEADER_BYTES)
    header.writeUInt32BE(this.#nextTsn, 0)
    header.writeUInt16BE(STREAM_ID, 4)
    header.writeUInt16BE(this.#nextStreamSequence, 6)
    header.writeUInt32BE(ppid, 8)
    this.#unanswered = { type: DATA, flags: UNFRAGMENTED, value: Buffer.concat([header, payload]) }
    this.#nextStreamSequence = (this.#nextStreamSequence + 1) & 0xffff
    this.tick()
    return true
  }

  #takeSack(value: Buffer): boolean {
    if (value.length < SACK_BYTES) return false
    const isAcknowledged = this.#unanswered?.type === DATA && value.readUInt32BE(0) === this.#nextTsn
    if (!isAcknowledged) return true
    this.#unanswered = undefined
    this.#nextTsn = (this.#nextTsn + 1) >>> 0
    return true
  }

  #takeData(flags: number, value: Buffer): boolean {
    const payload = value.subarray(DATA_HEADER_BYTES)
    if (this.#state !== 'open') return true // overtook the COOKIE ACK, and will be sent again
    if (payload.length === 0 || payload.length > MAX_MESSAGE_BYTES) return false
    if ((flags & ~UNORDERED & 7) !== UNFRAGMENTED || value.readUInt16BE(4) !== STREAM_ID) return false
    const ppid = value.readUInt32BE(8)
    if (ppid !== PPID_STRING && !(ppid === PPID_DCEP && payload[0] === DATA_CHANNEL_ACK)) return false
    const isNext = value.readUInt32BE(0) === (this.#receivedTsn + 1) >>> 0
    if (isNext) this.#receivedTsn = value.readUInt32BE(0)
    const sack = Buffer.alloc(SACK_BYTES)
    sack.writeUInt32BE(this.#receivedTsn, 0)
    sack.writeUInt32BE(RECEIVE_WINDOW_BYTES, 4)
    this.#send({ type: SACK, flags: 0, value: sack })
    if (isNext && ppid === PPID_STRING) this.#options.onText(payload.toString())
    return true
  }

  #initValue(): Buffer {
    const value = Buffer.alloc(INIT_BYTES)
    value.writeUInt32BE(this.#localTag, 0)
    value.writeUInt32BE(RECEIVE_WINDOW_BYTES, 4)
    value.writeUInt16BE(STREAMS, 8)
    value.writeUInt16BE(STREAMS, 10)
    value.writeUInt32BE(this.#nextTsn, 12)
    return value
  }

  #send(chunk: SctpChunk): void {
    const verificationTag = chunk.type === INIT ? 0 : this.#remoteTag
    const { remotePort: destinationPort, send } = this.#options
    send(writeSctp({ sourcePort: SCTP_PORT, destinationPort, verificationTag }, chunk))
  }
}

/** RFC 9260 section 3.2: what is unknown is skipped where the highest bit says so. ERROR is a mere remark (section 3.3.10). */
const isSkipped = (type: number): boolean => type >= 0x80 || type === ERROR
