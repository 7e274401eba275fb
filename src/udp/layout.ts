import { arch, endianness } from 'node:os'

/**
 * Where the fields of the kernel's structures are, in 32-bit words. Fields of 64 bits are little-endian, so that their first word has
 * the low half.
 */
export interface Layout {
  /** Per address or `size_t`. */
  wordsPerPointer: 1 | 2
  /** `struct mmsghdr` (sendmmsg(2)): a `struct msghdr`, then the bytes of the datagram. */
  message: {
    words: number
    name: number
    nameBytes: number
    vectors: number
    vectorCount: number
    control: number
    controlBytes: number
    flags: number
    datagramBytes: number
  }
  /** `struct iovec` */
  vector: { words: number; base: number; bytes: number }
  /** `struct cmsghdr` with a 16-bit integer (cmsg(3)). */
  control: { words: number; bytes: number; level: number; type: number; value: number; usedBytes: number }
}

export const LAYOUT_64: Layout = {
  wordsPerPointer: 2,
  message: {
    words: 16,
    name: 0,
    nameBytes: 2,
    vectors: 4,
    vectorCount: 6,
    control: 8,
    controlBytes: 10,
    flags: 12,
    datagramBytes: 14,
  },
  vector: { words: 4, base: 0, bytes: 2 },
  control: { words: 6, bytes: 0, level: 2, type: 3, value: 4, usedBytes: 18 },
}

export const LAYOUT_32: Layout = {
  wordsPerPointer: 1,
  message: {
    words: 8,
    name: 0,
    nameBytes: 1,
    vectors: 2,
    vectorCount: 3,
    control: 4,
    controlBytes: 5,
    flags: 6,
    datagramBytes: 7,
  },
  vector: { words: 2, base: 0, bytes: 1 },
  control: { words: 4, bytes: 0, level: 1, type: 2, value: 3, usedBytes: 14 },
}

const LAYOUTS: Record<string, Layout> = {
  arm: LAYOUT_32,
  ia32: LAYOUT_32,
  arm64: LAYOUT_64,
  x64: LAYOUT_64,
  riscv64: LAYOUT_64,
  loong64: LAYOUT_64,
}

/** Undefined on a processor whose structures we do not know. */
export const layoutOf = (processor = arch(), order = endianness()): Layout | undefined =>
  order === 'LE' ? LAYOUTS[processor] : undefined
