/** Chunk types (RFC 9260 section 3.2). */
export const DATA = 0
export const INIT = 1
export const INIT_ACK = 2
export const SACK = 3
export const HEARTBEAT = 4
export const HEARTBEAT_ACK = 5
export const ABORT = 6
export const ERROR = 9
export const COOKIE_ECHO = 10
export const COOKIE_ACK = 11

const COMMON_HEADER_BYTES = 12
const CHUNK_HEADER_BYTES = 4
const CHECKSUM_OFFSET = 8
/** A packet travels in one datagram; what is longer came from nobody who watches. */
const MAX_PACKET_BYTES = 1500

export interface SctpChunk {
  type: number
  flags: number
  value: Buffer
}

export interface SctpPacket {
  sourcePort: number
  destinationPort: number
  verificationTag: number
  chunks: SctpChunk[]
}

/** @returns undefined for what is damaged, too long, or not whole to its last chunk (RFC 9260 section 3). */
export function readSctp(packet: Buffer): SctpPacket | undefined {
  if (packet.length < COMMON_HEADER_BYTES || packet.length > MAX_PACKET_BYTES) return undefined
  if (checksumOf(packet) !== packet.readUInt32LE(CHECKSUM_OFFSET)) return undefined
  const chunks = typeLengthValues(packet.subarray(COMMON_HEADER_BYTES))
  return (
    chunks && {
      sourcePort: packet.readUInt16BE(0),
      destinationPort: packet.readUInt16BE(2),
      verificationTag: packet.readUInt32BE(4),
      chunks: chunks.map(({ head, value }) => ({ type: head >> 8, flags: head & 0xff, value })),
    }
  )
}

/** A packet of one chunk. */
export function writeSctp(packet: Omit<SctpPacket, 'chunks'>, { type, flags, value }: SctpChunk): Buffer {
  const header = Buffer.alloc(COMMON_HEADER_BYTES)
  header.writeUInt16BE(packet.sourcePort, 0)
  header.writeUInt16BE(packet.destinationPort, 2)
  header.writeUInt32BE(packet.verificationTag, 4)
  const written = Buffer.concat([header, typeLengthValue((type << 8) | flags, value)])
  written.writeUInt32LE(checksumOf(written), CHECKSUM_OFFSET)
  return written
}

/** Chunks and parameters have one form: two bytes that say what, two for the length, the value, padding to four bytes. */
export function typeLengthValue(head: number, value: Buffer): Buffer {
  const length = CHUNK_HEADER_BYTES + value.length
  const written = Buffer.alloc(padded(length))
  written.writeUInt16BE(head, 0)
  written.writeUInt16BE(length, 2)
  value.copy(written, CHUNK_HEADER_BYTES)
  return written
}

/** @returns undefined when a length is shorter than its own header or reaches beyond the end. */
export function typeLengthValues(bytes: Buffer): { head: number; value: Buffer }[] | undefined {
  const found: { head: number; value: Buffer }[] = []
  for (let offset = 0; offset < bytes.length;) {
    if (offset + CHUNK_HEADER_BYTES > bytes.length) return undefined
    const length = bytes.readUInt16BE(offset + 2)
    if (length < CHUNK_HEADER_BYTES || offset + length > bytes.length) return undefined
    const value = bytes.subarray(offset + CHUNK_HEADER_BYTES, offset + length)
    found.push({ head: bytes.readUInt16BE(offset), value })
    offset += padded(length)
  }
  return found
}

const padded = (length: number): number => (length + 3) & ~3

/** CRC32c (RFC 9260 appendix A), reflected. */
const table = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})

/** Over the whole packet, its own place counted as zeros (RFC 9260 section 6.8). */
function checksumOf(packet: Buffer): number {
  let crc = 0xffffffff
  packet.forEach((byte, at) => {
    const counted = at >= CHECKSUM_OFFSET && at < COMMON_HEADER_BYTES ? 0 : byte
    crc = table[(crc ^ counted) & 0xff]! ^ (crc >>> 8)
  })
  return ~crc >>> 0
}
