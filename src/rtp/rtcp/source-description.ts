import { SOURCE_DESCRIPTION } from './compound.js'

const ITEM_CNAME = 1

/**
 * The CNAME that every compound must have (RFC 3550 section 6.1). The item list ends with a null octet and is padded to 32 bits
 * (section 6.5).
 * @param cname at most 255 bytes.
 */
export function writeSourceDescription(ssrc: number, cname: Buffer): Buffer {
  const description = Buffer.alloc(8 + Math.ceil((2 + cname.length + 1) / 4) * 4)
  description[0] = 0x81
  description[1] = SOURCE_DESCRIPTION
  description.writeUInt16BE(description.length / 4 - 1, 2)
  description.writeUInt32BE(ssrc, 4)
  description[8] = ITEM_CNAME
  description[9] = cname.length
  cname.copy(description, 10)
  return description
}
