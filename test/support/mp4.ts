export interface Mp4Box {
  type: string
  content: Buffer
}

/** The boxes of one level (ISO/IEC 14496-12 section 4.2). @throws Error when the sizes do not fit. */
export function boxesOf(bytes: Buffer): Mp4Box[] {
  const boxes: Mp4Box[] = []
  for (let at = 0; at < bytes.length;) {
    const size = bytes.readUInt32BE(at)
    if (size < 8 || at + size > bytes.length) throw new Error(`a box of ${size} bytes at ${at} does not fit`)
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), content: bytes.subarray(at + 8, at + size) })
    at += size
  }
  return boxes
}

/** The content of the first box at a path like `moov.trak.tkhd`. */
export function find(bytes: Buffer, path: string): Buffer {
  return path.split('.').reduce((content, type) => {
    const found = boxesOf(content).find((box) => box.type === type)
    if (found === undefined) throw new Error(`there is no ${type} of ${path}`)
    return found.content
  }, bytes)
}
