/** RTCP packet types: RFC 3550 section 12.1, RFC 4585 section 6.1, RFC 3611 section 2. */
export const SENDER_REPORT = 200
export const RECEIVER_REPORT = 201
export const SOURCE_DESCRIPTION = 202
export const BYE = 203
export const TRANSPORT_FEEDBACK = 205
export const PAYLOAD_FEEDBACK = 206
export const EXTENDED_REPORT = 207

/** The packets of a compound (RFC 3550 section 6.1). Stops at one that exceeds the datagram or has another version. */
export function* packetsOf(compound: Buffer): Generator<Buffer> {
  for (let offset = 0; offset + 4 <= compound.length;) {
    const end = offset + (compound.readUInt16BE(offset + 2) + 1) * 4
    if (end > compound.length || compound[offset]! >> 6 !== 2) return
    yield compound.subarray(offset, end)
    offset = end
  }
}
