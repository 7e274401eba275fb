import { KEY_PAD_BYTES, type PacketBuffer } from './packet-buffer.js'
import type { RtpFields, RtpSender } from './sink.js'
import { createProtector, type ProtectedPayload, type SrtpKeys, type SrtpProtector } from './srtp.js'

/**
 * Sends a datagram, or drops it.
 * @returns whether its memory may be written again at once; it may not while it waits there to be sent.
 */
export type SendDatagram = (datagram: Buffer) => boolean

/** RFC 3550 section 5.1, without contributing sources: we send none. */
const FIXED_HEADER_BYTES = 12
/** More than any header extension of ours and any tag. */
const OVERHEAD_BYTES = 128

/** Writes headers, protects, and hands the datagrams on; one protector per stream that is sent. */
export class SrtpSender implements RtpSender {
  readonly #keys: SrtpKeys
  readonly #send: SendDatagram
  readonly #buffer: PacketBuffer
  readonly #protectors = new Map<number, SrtpProtector>()
  /** Of the stream that the last packet was of, as the next one nearly always is. */
  #protector: SrtpProtector | undefined
  #ssrc = 0

  /** @param buffer may be shared: a packet is sent before the next one is begun. */
  constructor(keys: SrtpKeys, buffer: PacketBuffer, send: SendDatagram) {
    this.#keys = keys
    this.#buffer = buffer
    this.#send = send
  }

  /** HOT: once per packet and viewer. */
  sendRtp(fields: RtpFields, media: ProtectedPayload): void {
    const buffer = this.#buffer
    buffer.reserve(media.payload.length + OVERHEAD_BYTES)
    const headerBytes = writeHeader(buffer.bytes, KEY_PAD_BYTES, fields)
    const index = fields.rollover * 0x10000 + fields.sequence
    const datagram = this.#protectorOf(fields.ssrc).protect(buffer, headerBytes, media, index)
    if (!this.#send(datagram)) buffer.forsake()
  }

  #protectorOf(ssrc: number): SrtpProtector {
    if (this.#protector !== undefined && this.#ssrc === ssrc) return this.#protector
    const protector = this.#protectors.get(ssrc) ?? createProtector(this.#keys, ssrc)
    this.#protectors.set(ssrc, protector)
    this.#ssrc = ssrc
    return (this.#protector = protector)
  }
}

/** HOT: RFC 3550 section 5.1, and RFC 8285 where there is an extension. @returns its length in bytes. */
function writeHeader(bytes: Buffer, at: number, fields: RtpFields): number {
  const { sequence, timestamp, ssrc, extension } = fields
  bytes[at] = extension === undefined ? 0x80 : 0x90
  bytes[at + 1] = fields.marker ? 0x80 | fields.payloadType : fields.payloadType
  bytes[at + 2] = sequence >>> 8
  bytes[at + 3] = sequence
  bytes[at + 4] = timestamp >>> 24
  bytes[at + 5] = timestamp >>> 16
  bytes[at + 6] = timestamp >>> 8
  bytes[at + 7] = timestamp
  bytes[at + 8] = ssrc >>> 24
  bytes[at + 9] = ssrc >>> 16
  bytes[at + 10] = ssrc >>> 8
  bytes[at + 11] = ssrc
  if (extension === undefined) return FIXED_HEADER_BYTES
  bytes.set(extension, at + FIXED_HEADER_BYTES)
  return FIXED_HEADER_BYTES + extension.length
}
