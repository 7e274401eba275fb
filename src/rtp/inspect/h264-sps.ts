import { BitReader } from './bit-reader.js'

/** What decides whether browsers decode an H.264 stream. */
export interface Sps {
  /** profile_idc: 66 baseline, 77 main, 100 high. */
  profile: number
  width: number
  height: number
  /** Frames that a decoder may have to reorder; undefined if the stream does not declare it. */
  reorderedFrames: number | undefined
}

/** No SPS of a camera is longer. */
const MAX_BYTES = 512
/** ITU-T H.264 section 7.3.2.1.1: these declare chroma format, bit depth and scaling lists. */
const HIGH_PROFILES = new Set([44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 144, 244])
const MAX_CYCLE = 255
const MAX_SIDE = 16_384
const EXTENDED_SAR = 255
const MAX_CPB_COUNT = 32

/** @param unit with its one-byte header. @returns undefined if it is damaged. */
export function parseSps(unit: Uint8Array): Sps | undefined {
  const reader = new BitReader(unit.subarray(1, MAX_BYTES))
  const profile = reader.bits(8)
  reader.bits(16) // constraint flags, level
  reader.unsigned() // seq_parameter_set_id
  const chromaFormat = HIGH_PROFILES.has(profile) ? skipHighProfile(reader) : 1
  reader.unsigned() // log2_max_frame_num
  const keepsOrder = skipPictureOrder(reader)
  reader.unsigned() // max_num_ref_frames
  reader.flag()
  const widthBlocks = reader.unsigned() + 1
  const heightBlocks = reader.unsigned() + 1
  const isProgressive = reader.flag()
  if (!isProgressive) reader.flag()
  reader.flag() // direct_8x8_inference
  const fields = isProgressive ? 1 : 2
  const crop = readCrop(reader, chromaFormat, fields)
  const width = widthBlocks * 16 - crop.width
  const height = heightBlocks * 16 * fields - crop.height
  const declared = reader.flag() ? readReorderedFrames(reader) : undefined
  if (reader.isOverrun || !isSide(width) || !isSide(height)) return undefined
  return { profile, width, height, reorderedFrames: keepsOrder ? 0 : declared }
}

const isSide = (pixels: number): boolean => pixels > 0 && pixels <= MAX_SIDE

/** @returns chroma_format_idc */
function skipHighProfile(reader: BitReader): number {
  const chromaFormat = reader.unsigned()
  if (chromaFormat === 3) reader.flag()
  reader.unsigned() // bit_depth_luma
  reader.unsigned() // bit_depth_chroma
  reader.flag()
  if (!reader.flag()) return chromaFormat
  const lists = chromaFormat === 3 ? 12 : 8
  for (let list = 0; list < lists; list++) if (reader.flag()) skipScalingList(reader, list < 6 ? 16 : 64)
  return chromaFormat
}

function skipScalingList(reader: BitReader, size: number): void {
  let last = 8
  for (let i = 0; i < size; i++) {
    last = (last + reader.signed() + 256) % 256
    if (last === 0) return
  }
}

/** @returns whether frames are output in the order in which they arrive (pic_order_cnt_type 2, section 8.2.1.3). */
function skipPictureOrder(reader: BitReader): boolean {
  const type = reader.unsigned()
  if (type === 0) reader.unsigned()
  if (type === 1) {
    reader.flag()
    reader.signed()
    reader.signed()
    const cycle = Math.min(MAX_CYCLE, reader.unsigned())
    for (let i = 0; i < cycle && !reader.isOverrun; i++) reader.signed()
  }
  return type === 2
}

/** Section 7.4.2.1.1: in units of chroma samples, and of two lines if there are fields. */
function readCrop(
  reader: BitReader,
  chromaFormat: number,
  fields: number,
): { width: number; height: number } {
  if (!reader.flag()) return { width: 0, height: 0 }
  const [left, right, top, bottom] = [
    reader.unsigned(),
    reader.unsigned(),
    reader.unsigned(),
    reader.unsigned(),
  ]
  const unitX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1
  const unitY = (chromaFormat === 1 ? 2 : 1) * fields
  return { width: (left + right) * unitX, height: (top + bottom) * unitY }
}

/** Annex E.1.1. @returns max_num_reorder_frames, if declared. */
function readReorderedFrames(reader: BitReader): number | undefined {
  if (reader.flag() && reader.bits(8) === EXTENDED_SAR) reader.bits(32)
  if (reader.flag()) reader.flag() // overscan
  if (reader.flag()) {
    reader.bits(4) // video format, range
    if (reader.flag()) reader.bits(24) // colours
  }
  if (reader.flag()) {
    reader.unsigned() // chroma location
    reader.unsigned()
  }
  if (reader.flag()) {
    reader.bits(32) // timing
    reader.bits(32)
    reader.flag()
  }
  const hasNalHrd = reader.flag()
  if (hasNalHrd) skipHrd(reader)
  const hasVclHrd = reader.flag()
  if (hasVclHrd) skipHrd(reader)
  if (hasNalHrd || hasVclHrd) reader.flag()
  reader.flag() // pic_struct_present
  if (!reader.flag()) return undefined
  reader.flag()
  for (let i = 0; i < 4; i++) reader.unsigned()
  return reader.unsigned()
}

function skipHrd(reader: BitReader): void {
  const count = Math.min(MAX_CPB_COUNT, reader.unsigned() + 1)
  reader.bits(8)
  for (let i = 0; i < count && !reader.isOverrun; i++) {
    reader.unsigned()
    reader.unsigned()
    reader.flag()
  }
  reader.bits(20)
}
