import { BitReader } from '../rtp/inspect/bit-reader.js'
import { parseSps } from '../rtp/inspect/h264-sps.js'

/** The counts have 5 and 8 bits in the record; no camera sends more than one of each. */
const MAX_SPS = 31
const MAX_PPS = 255
const MAX_SET_BYTES = 1024
/** Sample sizes before each unit have four bytes. */
const LENGTH_BYTES = 4
/** Their record also has the chroma format and the bit depths (ISO/IEC 14496-15 section 5.3.3.1.2). */
const HIGH_PROFILES = new Set([100, 110, 122, 144])

/** What a decoder has to know before the first frame. */
export interface AvcConfiguration {
  /** RFC 6381 section 3.3: "avc1.42e01f". */
  readonly codec: string
  readonly width: number
  readonly height: number
  /** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1). */
  readonly record: Buffer
}

/** @returns undefined if the parameter sets cannot be of any use to a decoder. */
export function avcConfiguration(
  sps: readonly Buffer[],
  pps: readonly Buffer[],
): AvcConfiguration | undefined {
  const [first] = sps
  const size = first === undefined ? undefined : parseSps(first)
  if (first === undefined || size === undefined || pps.length === 0) return undefined
  if (sps.length > MAX_SPS || pps.length > MAX_PPS) return undefined
  if ([...sps, ...pps].some(({ length }) => length < 2 || length > MAX_SET_BYTES)) return undefined
  const [profile, flags, level] = [first[1]!, first[2]!, first[3]!]
  const record = Buffer.concat([
    Buffer.of(1, profile, flags, level, 0xfc | (LENGTH_BYTES - 1), 0xe0 | sps.length),
    ...sps.map(withLength),
    Buffer.of(pps.length),
    ...pps.map(withLength),
    ...(HIGH_PROFILES.has(profile) ? [highProfile(first)] : []),
  ])
  const codec = `avc1.${first.subarray(1, 4).toString('hex')}`
  return { codec, width: size.width, height: size.height, record }
}

export const mimeTypeOf = ({ codec }: AvcConfiguration): string => `video/mp4; codecs="${codec}"`

function withLength(set: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(set.length)
  return Buffer.concat([length, set])
}

/** Without SPS extensions, which only auxiliary pictures have. */
function highProfile(sps: Buffer): Buffer {
  const reader = new BitReader(sps.subarray(4))
  reader.unsigned() // seq_parameter_set_id
  const chromaFormat = reader.unsigned()
  if (chromaFormat === 3) reader.flag()
  const [luma, chroma] = [reader.unsigned(), reader.unsigned()]
  return Buffer.of(0xfc | (chromaFormat & 3), 0xf8 | (luma & 7), 0xf8 | (chroma & 7), 0)
}

/** A sample: each unit behind its length, in place of start codes. */
export function sampleOf(units: readonly Buffer[]): Buffer {
  const sample = Buffer.allocUnsafe(units.reduce((bytes, { length }) => bytes + LENGTH_BYTES + length, 0))
  let at = 0
  for (const unit of units) {
    sample.writeUInt32BE(unit.length, at)
    unit.copy(sample, at + LENGTH_BYTES)
    at += LENGTH_BYTES + unit.length
  }
  return sample
}
