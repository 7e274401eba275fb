import type { RtpFields, RtpSender } from './sink.js'
import { SrtpProtector, type ProtectedPayload } from './srtp.js'

/**
 * Sends a datagram, or drops it.
 * @returns whether its memory may be written again at once; it may not while it waits there to be sent.
 */
export type SendDatagram = (datagram: Buffer) => boolean

/** The keys of our direction, as DTLS exported them (RFC 5764 section 4.2): 16 and 14 bytes. */
export interface SrtpKeys {
  masterKey: Buffer
  masterSalt: Buffer
}

/** Writes headers, protects, and hands the datagrams on; one protector per stream that is sent. */
export class SrtpSender implements RtpSender {
  readonly #keys: SrtpKeys
  readonly #send: SendDatagram
  readonly #protectors = new Map<number, SrtpProtector>()

  constructor(keys: SrtpKeys, send: SendDatagram) {
    this.#keys = keys
    this.#send = send
  }

  /** HOT: once per packet and viewer (RFC 3550 section 5.1). */
  sendRtp(fields: RtpFields, media: ProtectedPayload): void {
    const protector = this.#protectorOf(fields.ssrc)
    const { header } = protector
    const { sequence, timestamp, ssrc } = fields
    header[0] = 0x80
    header[1] = fields.marker ? 0x80 | fields.payloadType : fields.payloadType
    header[2] = sequence >>> 8
    header[3] = sequence
    header[4] = timestamp >>> 24
    header[5] = timestamp >>> 16
    header[6] = timestamp >>> 8
    header[7] = timestamp
    header[8] = ssrc >>> 24
    header[9] = ssrc >>> 16
    header[10] = ssrc >>> 8
    header[11] = ssrc
    const datagram = protector.protect(media, fields.rollover * 0x10000 + sequence)
    if (!this.#send(datagram)) protector.forsake()
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
