import { crc32 } from 'node:zlib'
import { gdpPacket } from '../../fakes/gdp.js'
import { dtlsRecord, handshakeRecord } from '../../support/viewer-client.js'
import { BINDING_REQUEST, USERNAME, writeStun } from '../../support/viewer-stun.js'

export type BinaryShapes = Readonly<Record<string, (bytes: number) => Buffer>>

const filledWith =
  (unit: Uint8Array, head: Uint8Array = Buffer.alloc(0)): BinaryShapes[string] =>
  (bytes) =>
    Buffer.concat([head, Buffer.alloc(Math.max(0, bytes - head.length), unit)])

const bytes = (...values: number[]): Buffer => Buffer.from(values)

/** What no format has. */
const rubbish: BinaryShapes = {
  zeros: filledWith(bytes(0)),
  ones: filledWith(bytes(0xff)),
  'counted bytes': filledWith(Buffer.from(Array.from({ length: 256 }, (_, i) => i))),
}

const FINGERPRINT = 0x8028
const FINGERPRINT_XOR = 0x5354554e
const STUN_HEADER_BYTES = 20
const check = writeStun({ type: BINDING_REQUEST, attributes: [[USERNAME, Buffer.from('ours:theirs')]] })

/** A message of one attribute over and over, its length as long as the field can say. */
const stunOf = (attribute: Uint8Array, head = check): BinaryShapes[string] => {
  const fill = filledWith(attribute, head)
  return (length) => {
    const message = fill(length).subarray(0, length - (length % 4))
    message.writeUInt16BE((message.length - STUN_HEADER_BYTES) & 0xffff, 2)
    return message
  }
}

/** Every FINGERPRINT is right (RFC 8489 section 14.7) for what stands before it, which a reader may compute each time. */
function rightFingerprints(length: number): Buffer {
  const message = Buffer.concat([check, Buffer.alloc(length - check.length)])
  let end = check.length
  for (; end + 8 <= length; end += 8) {
    message.writeUInt16BE(end - STUN_HEADER_BYTES + 8, 2)
    message.writeUInt16BE(FINGERPRINT, end)
    message.writeUInt16BE(4, end + 2)
    message.writeUInt32BE((crc32(message.subarray(0, end)) ^ FINGERPRINT_XOR) >>> 0, end + 4)
  }
  message.writeUInt16BE((end - STUN_HEADER_BYTES) & 0xffff, 2)
  return message.subarray(0, end)
}

/** Streams of RFC 4571 frames. */
export const frameStreams: BinaryShapes = {
  ...rubbish,
  'packets of one byte': filledWith(bytes(0, 1, 0)),
  'long packets': filledWith(Buffer.concat([bytes(8, 0), Buffer.alloc(2048)])),
}

/** STUN messages with a USERNAME that is ours (RFC 8489). */
export const stuns: BinaryShapes = {
  ...rubbish,
  'empty attributes': stunOf(bytes(0x80, 0x22, 0, 0)),
  'attributes of one byte': stunOf(bytes(0x7f, 0x22, 0, 1, 0, 0, 0, 0)),
  usernames: stunOf(bytes(0, 6, 0, 4, 0x3a, 0x3a, 0x3a, 0x3a)),
  'one username of colons': (length) =>
    writeStun({ type: BINDING_REQUEST, attributes: [[USERNAME, Buffer.alloc(length - 60, ':')]] }),
  'wrong fingerprints': stunOf(bytes(0x80, 0x28, 0, 4, 1, 2, 3, 4)),
  'right fingerprints': rightFingerprints,
  integrities: stunOf(Buffer.concat([bytes(0, 8, 0, 20), Buffer.alloc(20)])),
  'error codes': stunOf(bytes(0, 9, 0, 4, 0, 0, 4, 1)),
}

const rtcp = (type: number, format: number, words: number[]): Buffer => {
  const packet = Buffer.alloc(4 + words.length * 4)
  packet[0] = 0x80 | format
  packet[1] = type
  packet.writeUInt16BE(words.length, 2)
  words.forEach((word, i) => packet.writeUInt32BE(word >>> 0, 4 + i * 4))
  return packet
}

/** The stream that the feedback of `compounds` is about. */
export const SSRC = 0x11223344
const REMB = 0x52454d42
/** As long as the field for the length can say. */
const longPacket =
  (type: number, format: number, unit: Uint8Array, head: Uint8Array): BinaryShapes[string] =>
  (length) => {
    const packet = filledWith(unit, Buffer.concat([bytes(0x80 | format, type, 0, 0), head]))(length)
    packet.writeUInt16BE(length / 4 - 1, 2)
    return packet
  }
const words = (...values: number[]): Buffer => rtcp(0, 0, values).subarray(4)

/** RTCP compounds (RFC 3550 section 6.1) of a viewer. */
export const compounds: BinaryShapes = {
  ...rubbish,
  'empty packets': filledWith(rtcp(204, 0, [])),
  'receiver reports': filledWith(rtcp(201, 31, [1])),
  'a receiver report of others': longPacket(201, 31, words(1, 0, 0, 0, 0, 0), words(1)),
  nacks: filledWith(rtcp(205, 1, [1, SSRC, 0xffff])),
  'one nack': longPacket(205, 1, words(0x0001ffff), words(1, SSRC)),
  plis: filledWith(rtcp(206, 1, [1, SSRC])),
  'one FIR of others': longPacket(206, 4, words(2, 0), words(1, 0)),
  FIRs: filledWith(Buffer.concat([1, 2].map((n) => rtcp(206, 4, [1, 0, SSRC, n << 24])))),
  REMBs: filledWith(rtcp(206, 15, [1, 0, REMB, 0xff000000, 1])),
  'one REMB': longPacket(206, 15, words(1), words(1, 0, REMB, 0xff000000)),
  'extended reports': filledWith(rtcp(207, 0, [1, 0x05000000])),
  'one extended report': longPacket(207, 0, words(0x05000000), words(1)),
}

const message = (type: number, length: number, offset: number, bytesOfIt: number): Buffer =>
  handshakeRecord({ type, length, offset, fragment: Buffer.alloc(bytesOfIt) })

const LONGEST_RECORD_BYTES = 65_400
/** As many whole messages as there is room for. */
const oneRecord = (fragment: Buffer): BinaryShapes[string] => {
  const unit = fragment.subarray(13)
  return (length) => {
    const room = Math.min(length, LONGEST_RECORD_BYTES)
    return dtlsRecord(22, Buffer.alloc(room - (room % unit.length), unit))
  }
}

/** DTLS datagrams of somebody who has not shaken hands (RFC 6347). */
export const dtls: BinaryShapes = {
  ...rubbish,
  'empty records': filledWith(dtlsRecord(22, Buffer.alloc(0))),
  'changes of cipher': filledWith(dtlsRecord(20, bytes(1))),
  'empty messages': filledWith(handshakeRecord({ type: 1, length: 0, fragment: Buffer.alloc(0) })),
  'one record of fragments': oneRecord(message(1, 9, 0, 1)),
  'one record of empty fragments': oneRecord(message(11, 9, 0, 0)),
  'one record of ends of certificates': oneRecord(message(11, 16_384, 16_384, 0)),
  'one record of the ends of hellos': oneRecord(message(1, 16_384, 16_383, 1)),
  'one record of empty hellos': oneRecord(message(1, 0, 0, 0)),
  'one record of empty ends': oneRecord(message(20, 0, 0, 0)),
  'ends of certificates': filledWith(message(11, 16_384, 16_383, 1)),
  'fragments that end their message': filledWith(
    handshakeRecord({ type: 1, length: 9, offset: 8, fragment: bytes(0) }),
  ),
  'encrypted records': filledWith(dtlsRecord(22, Buffer.alloc(25), { epoch: 1 })),
  'application data': filledWith(dtlsRecord(23, Buffer.alloc(25), { epoch: 1 })),
}

/** RTP packets on a camera's port (RFC 3550, RFC 6184, RFC 7741). */
export const rtps: BinaryShapes = {
  ...rubbish,
  'a header extension': (length) => {
    const packet = filledWith(bytes(0x10), bytes(0x90, 96, ...Array<number>(12).fill(0)))(length)
    packet.writeUInt16BE(length / 4 - 8, 14)
    return packet
  },
  'padding without an end': filledWith(bytes(0xff), bytes(0xa0, 96, ...Array<number>(10).fill(0))),
  'a STAP-A of nothing': filledWith(bytes(0), bytes(0x80, 96, ...Array<number>(10).fill(0), 0x78)),
  'a STAP-A of slices': filledWith(bytes(0, 1, 0x61), bytes(0x80, 96, ...Array<number>(10).fill(0), 0x78)),
  'a STAP-A of lengths': filledWith(bytes(0xff), bytes(0x80, 96, ...Array<number>(10).fill(0), 0x78)),
}

/** The pictures of a capture process, in the GStreamer Data Protocol. */
export const gdps: BinaryShapes = {
  ...rubbish,
  'empty packets': filledWith(gdpPacket(1, Buffer.alloc(0))),
  'packets of one byte': filledWith(gdpPacket(1, bytes(1), 5)),
  'packets that are no buffers': filledWith(gdpPacket(2, Buffer.alloc(40))),
  'one packet': (length) => gdpPacket(1, Buffer.alloc(length - 62)),
}
