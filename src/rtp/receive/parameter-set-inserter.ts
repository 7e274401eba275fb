import { carriesKeyframe } from '../keyframe.js'
import { payloadOf, RTP_HEADER_BYTES, sequenceOf, timestampOf } from '../packet.js'

/** NAL unit types (ITU-T H.264 table 7-1, RFC 6184 section 5.4). */
const IDR = 5
const STAP_A = 24
const FU_A = 28
const FU_START = 0x80
/** nal_ref_idc 3: nothing decodes without them. */
const STAP_A_HEADER = 0x78

/**
 * Puts the parameter sets of a session description in front of keyframes that come without any (RFC 6184 section 8.2.2). Viewers get only
 * the packets: without an SPS among them they have nothing to start with. A stream with its own sets passes as it is.
 */
export class ParameterSetInserter {
  readonly #payload: Buffer
  /** Packets so far: each moves the numbers of those behind it. */
  #inserted = 0
  /** Timestamp of the last frame that has parameter sets. */
  #served: number | undefined

  /** @param sets SPS and PPS, which fit into one packet. */
  constructor(sets: readonly Buffer[]) {
    this.#payload = Buffer.concat([
      Buffer.of(STAP_A_HEADER),
      ...sets.flatMap((set) => [Buffer.of(set.length >> 8, set.length & 0xff), set]),
    ])
  }

  /** @param rtp packets of one stream in their order; their numbers are changed in place. */
  pass(rtp: Buffer, onPacket: (rtp: Buffer) => void): void {
    const payload = payloadOf(rtp)
    const timestamp = timestampOf(rtp)
    if (payload !== undefined && timestamp !== this.#served) {
      if (carriesKeyframe.h264(payload)) this.#served = timestamp
      else if (startsIdr(payload)) {
        this.#served = timestamp
        onPacket(this.#numbered(this.#before(rtp)))
        this.#inserted++
      }
    }
    onPacket(this.#numbered(rtp))
  }

  /** With the header of the packet, without its extensions and marker. */
  #before(rtp: Buffer): Buffer {
    const header = Buffer.from(rtp.subarray(0, RTP_HEADER_BYTES))
    header[0] = 0x80
    header[1]! &= 0x7f
    return Buffer.concat([header, this.#payload])
  }

  #numbered(rtp: Buffer): Buffer {
    if (this.#inserted > 0) rtp.writeUInt16BE((sequenceOf(rtp) + this.#inserted) & 0xffff, 2)
    return rtp
  }
}

/** Whether a payload has the start of an IDR slice: alone, in an aggregate, or the first of its fragments. */
export function startsIdr(payload: Buffer): boolean {
  const type = payload[0]! & 0x1f
  if (type === IDR) return true
  if (type === FU_A)
    return payload.length > 1 && (payload[1]! & FU_START) !== 0 && (payload[1]! & 0x1f) === IDR
  if (type !== STAP_A) return false
  for (let offset = 1; offset + 2 < payload.length; offset += 2 + payload.readUInt16BE(offset))
    if ((payload[offset + 2]! & 0x1f) === IDR) return true
  return false
}
