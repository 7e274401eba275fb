import { box, fullBox, u32 } from './box.js'
import { TRACK_ID } from './init-segment.js'

/** ISO/IEC 14496-12 section 8.8.3.1: depends on no other sample; depends on others and is no sync sample. */
const SYNC_SAMPLE = 0x02000000
const OTHER_SAMPLE = 0x01010000
/** Section 8.8.7: default-base-is-moof, with duration, size and flags of the sample. */
const TFHD_FLAGS = 0x020038
/** Section 8.8.8: with the data offset. */
const TRUN_FLAGS = 0x000001
/** Of a moof with one sample, and of the header of the mdat: the sample begins behind both. */
const MOOF_BYTES = 100
const MDAT_HEADER_BYTES = 8

export interface Fragment {
  /** Counted from 1. */
  sequence: number
  /** In the timescale of the track. */
  decodeTime: number
  duration: number
  isKeyframe: boolean
  sample: Buffer
}

/** A fragment of one sample: a moof and an mdat (ISO/IEC 14496-12 section 8.8). */
export function fragment({ sequence, decodeTime, duration, isKeyframe, sample }: Fragment): Buffer {
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(BigInt(decodeTime))
  const flags = isKeyframe ? SYNC_SAMPLE : OTHER_SAMPLE
  const moof = box(
    'moof',
    fullBox('mfhd', 0, 0, u32(sequence % 2 ** 32)),
    box(
      'traf',
      fullBox('tfhd', 0, TFHD_FLAGS, u32(TRACK_ID, duration, sample.length, flags)),
      fullBox('tfdt', 1, 0, time),
      fullBox('trun', 0, TRUN_FLAGS, u32(1, MOOF_BYTES + MDAT_HEADER_BYTES)),
    ),
  )
  return Buffer.concat([moof, box('mdat', sample)])
}
