/** RFC 7741 section 4.2: what the 15 bits of an extended picture id count up to. */
const PICTURE_IDS = 0x8000
/** Behind the first byte and the extension byte. */
const ID_AT = 2
const MAX_PAYLOAD_BYTES = 1500

/**
 * HOT: the extended picture id of a VP8 payload, as rtpvp8pay writes it.
 * @returns -1 without one. An H.264 payload has none: its first bit is always 0 (RFC 6184 section 1.3).
 */
export function pictureIdOf(payload: Buffer): number {
  const has = payload.length > ID_AT + 1 && (payload[0]! & payload[1]! & payload[ID_AT]! & 0x80) !== 0
  return has ? ((payload[ID_AT]! & 0x7f) << 8) | payload[ID_AT + 1]! : -1
}

/** What to add to the picture ids from `next` on, so that they follow those of `last`; 0 without picture ids. */
export function pictureIdStep(last: number, next: Buffer): number {
  const id = pictureIdOf(next)
  return last < 0 || id < 0 ? 0 : (last + 1 - id + PICTURE_IDS) % PICTURE_IDS
}

export const addPictureIds = (id: number, step: number): number => (id < 0 ? id : (id + step) % PICTURE_IDS)

/** Payloads with other picture ids, one at a time in the same memory: packets are shared by all viewers. */
export class PictureIdWriter {
  readonly #memory = Buffer.alloc(MAX_PAYLOAD_BYTES)

  /** HOT: @returns memory that the next call overwrites; the payload itself if there is nothing to change. */
  write(payload: Buffer, step: number): Buffer {
    if (step === 0) return payload
    const id = pictureIdOf(payload)
    if (id < 0 || payload.length > MAX_PAYLOAD_BYTES) return payload
    const memory = this.#memory
    memory.set(payload)
    const next = (id + step) % PICTURE_IDS
    memory[ID_AT] = 0x80 | (next >>> 8)
    memory[ID_AT + 1] = next
    return memory.subarray(0, payload.length)
  }
}
