import type { RtpFields, RtpSender } from './sink.js'
import { SrtpProtector, type ProtectedPayload } from './srtp.js'

const HEADER_BYTES = 12

/** The keys of our direction, as DTLS exported them (RFC 5764 section 4.2): 16 and 14 bytes. */
export interface SrtpKeys {
  masterKey: Buffer
  masterSalt: Buffer
}

/** Writes headers, protects, and hands the datagrams on; one protector per stream that is sent. */
export class SrtpSender implements RtpSender {
  readonly #keys: SrtpKeys
  readonly #send: (datagram: Buffer) => void
  readonly #protectors = new Map<number, SrtpProtector>()
  readonly #header = Buffer.alloc(HEADER_BYTES, 0)

  constructor(keys: SrtpKeys, send: (datagram: Buffer) => void) {
    this.#keys = keys
    this.#send = send
    this.#header[0] = 0x80
  }

  /** HOT: once per packet and viewer (RFC 3550 section 5.1). */
  sendRtp(fields: RtpFields, media: ProtectedPayload): void {
    const header = this.#header
    header[1] = fields.marker ? 0x80 | fields.payloadType : fields.payloadType
    header.writeUInt16BE(fields.sequence, 2)
    header.writeUInt32BE(fields.timestamp, 4)
    header.writeUInt32BE(fields.ssrc, 8)
    const index = fields.rollover * 0x10000 + fields.sequence
    this.#send(this.#protectorOf(fields.ssrc).protect(header, media, index))
  }

  #protectorOf(ssrc: number): SrtpProtector {
    let protector = this.#protectors.get(ssrc)
    if (protector === undefined) {
      protector = new SrtpProtector(this.#keys.masterKey, this.#keys.masterSalt, ssrc)
      this.#protectors.set(ssrc, protector)
    }
    return protector
  }
}
