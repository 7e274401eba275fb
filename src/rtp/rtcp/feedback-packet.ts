/** A feedback message (RFC 4585 section 6.1) with room for its own information. @param bytes of that, a multiple of 4. */
export function feedbackPacket(
  type: number,
  format: number,
  senderSsrc: number,
  mediaSsrc: number,
  bytes = 0,
): Buffer {
  const packet = Buffer.alloc(12 + bytes)
  packet[0] = 0x80 | format
  packet[1] = type
  packet.writeUInt16BE(packet.length / 4 - 1, 2)
  packet.writeUInt32BE(senderSsrc, 4)
  packet.writeUInt32BE(mediaSsrc, 8)
  return packet
}
