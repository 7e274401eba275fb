/** A packet as gdppay writes it: a header of 62 bytes in network order, then the payload. */
export function gdpPacket(type: number, payload: Buffer, timestampMs?: number): Buffer {
  const header = Buffer.alloc(62)
  header[0] = 1
  header.writeUInt16BE(type, 4)
  header.writeUInt32BE(payload.length, 6)
  header.writeBigUInt64BE(
    timestampMs === undefined ? 2n ** 64n - 1n : BigInt(Math.round(timestampMs * 1e6)),
    10,
  )
  return Buffer.concat([header, payload])
}

export const gdpBuffer = (payload: Buffer, timestampMs: number | undefined): Buffer =>
  gdpPacket(1, payload, timestampMs)
