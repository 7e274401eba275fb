const HEADER_BYTES = 8

/** A box: its size, its type and its content (ISO/IEC 14496-12 section 4.2). */
export function box(type: string, ...content: Uint8Array[]): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.write(type, 4, 'latin1')
  const whole = Buffer.concat([header, ...content])
  whole.writeUInt32BE(whole.length, 0)
  return whole
}

/** A box with a version and flags. */
export const fullBox = (type: string, version: number, flags: number, ...content: Uint8Array[]): Buffer =>
  box(type, u32(version * 2 ** 24 + flags), ...content)

export function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length)
  values.forEach((value, i) => bytes.writeUInt16BE(value, 2 * i))
  return bytes
}

export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, i) => bytes.writeUInt32BE(value, 4 * i))
  return bytes
}

export const ascii = (text: string): Buffer => Buffer.from(text, 'latin1')
