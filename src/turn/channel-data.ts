import { STUN_HEADER_BYTES } from '../lib/stun.js'

/** RFC 8656 section 12.4: a channel number and a length before each packet. */
export const CHANNEL_HEADER_BYTES = 4
/** RFC 8656 section 12: of channels. */
export const FIRST_CHANNEL = 0x4000
/** A packet that fits into an Ethernet frame, in a Data indication with its addresses. */
export const MAX_MESSAGE_BYTES = 2048

export const isChannelData = (message: Buffer): boolean => (message[0]! & 0xc0) === 0x40

/**
 * A copy of the packet, which its caller may overwrite.
 * @param isPadded over TCP and TLS (RFC 8656 section 12.5).
 */
export function writeChannelData(channel: number, packet: Buffer, isPadded: boolean): Buffer {
  const { length } = packet
  const padding = isPadded ? (4 - (length % 4)) % 4 : 0
  const message = Buffer.allocUnsafe(CHANNEL_HEADER_BYTES + length + padding)
  message.writeUInt16BE(channel)
  message.writeUInt16BE(length, 2)
  packet.copy(message, CHANNEL_HEADER_BYTES)
  return padding === 0 ? message : message.fill(0, CHANNEL_HEADER_BYTES + length)
}

/** @returns undefined if the datagram is shorter than it says. */
export function readChannelData(message: Buffer): { channel: number; packet: Buffer } | undefined {
  const end = CHANNEL_HEADER_BYTES + message.readUInt16BE(2)
  return end > message.length
    ? undefined
    : { channel: message.readUInt16BE(0), packet: message.subarray(CHANNEL_HEADER_BYTES, end) }
}

/** Cuts the byte stream of a TURN server into messages (RFC 8656 section 12.5). Holds at most one incomplete message. */
export class MessageReader {
  readonly #header = Buffer.alloc(CHANNEL_HEADER_BYTES)
  #headerFilled = 0
  #message: Buffer | undefined
  #filled = 0

  /**
   * @param onMessage gets a buffer of its own. @returns whether to go on.
   * @returns false at what is no TURN: what follows cannot be read.
   */
  read(chunk: Buffer, onMessage: (message: Buffer) => boolean): boolean {
    let at = 0
    while (at < chunk.length) {
      if (this.#message === undefined) {
        this.#header[this.#headerFilled++] = chunk[at++]!
        if (this.#headerFilled < CHANNEL_HEADER_BYTES) continue
        const bytes = messageBytes(this.#header)
        if (bytes === undefined || bytes > MAX_MESSAGE_BYTES) return false
        this.#message = Buffer.allocUnsafeSlow(bytes)
        this.#filled = this.#header.copy(this.#message)
      }
      const copied = chunk.copy(this.#message, this.#filled, at)
      at += copied
      this.#filled += copied
      if (this.#filled < this.#message.length) continue
      const message = this.#message
      this.#message = undefined
      this.#headerFilled = 0
      if (!onMessage(message)) return false
    }
    return true
  }
}

/** With its header and padding; undefined if it is neither STUN nor ChannelData. */
function messageBytes(header: Buffer): number | undefined {
  const length = header.readUInt16BE(2)
  if (isChannelData(header)) return CHANNEL_HEADER_BYTES + Math.ceil(length / 4) * 4
  return header[0]! < 4 && length % 4 === 0 ? STUN_HEADER_BYTES + length : undefined
}
