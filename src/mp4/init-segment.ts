import type { AvcConfiguration } from './avc-configuration.js'
import { ascii, box, fullBox, u16, u32 } from './box.js'

export const TRACK_ID = 1
/** As of RTP, so that no time has to be rounded. */
export const TIMESCALE = 90_000

const FIXED_1 = 0x00010000
const MATRIX = u32(FIXED_1, 0, 0, 0, FIXED_1, 0, 0, 0, 0x40000000)
const UNDETERMINED_LANGUAGE = 0x55c4
const DPI_72 = 0x00480000
const TRACK_ENABLED_IN_MOVIE = 3

const zeros = (bytes: number): Buffer => Buffer.alloc(bytes)

/**
 * What comes before the first fragment (ISO/IEC 14496-12 section 8, W3C MSE byte stream format for ISO BMFF). Every duration is 0: the
 * end of the stream is not known, so browsers treat it as live.
 */
export function initSegment(configuration: AvcConfiguration): Buffer {
  return Buffer.concat([
    box('ftyp', ascii('iso5'), u32(512), ascii('iso5iso6avc1mp41')),
    box('moov', movieHeader(), track(configuration), box('mvex', trackExtends())),
  ])
}

const movieHeader = (): Buffer =>
  fullBox('mvhd', 0, 0, u32(0, 0, TIMESCALE, 0, FIXED_1), u16(0x0100), zeros(10), MATRIX, zeros(24), u32(2))

const trackExtends = (): Buffer => fullBox('trex', 0, 0, u32(TRACK_ID, 1, 0, 0, 0))

function track(configuration: AvcConfiguration): Buffer {
  const { width, height } = configuration
  const header = fullBox(
    'tkhd',
    0,
    TRACK_ENABLED_IN_MOVIE,
    u32(0, 0, TRACK_ID, 0, 0),
    zeros(16),
    MATRIX,
    u32(width * FIXED_1, height * FIXED_1),
  )
  const media = box(
    'mdia',
    fullBox('mdhd', 0, 0, u32(0, 0, TIMESCALE, 0), u16(UNDETERMINED_LANGUAGE, 0)),
    fullBox('hdlr', 0, 0, u32(0), ascii('vide'), zeros(12), ascii('video\0')),
    box(
      'minf',
      fullBox('vmhd', 0, 1, zeros(8)),
      box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
      sampleTable(configuration),
    ),
  )
  return box('trak', header, media)
}

/** Empty: the samples are in the fragments. */
const sampleTable = (configuration: AvcConfiguration): Buffer =>
  box(
    'stbl',
    fullBox('stsd', 0, 0, u32(1), sampleEntry(configuration)),
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  )

/** AVCSampleEntry: the parameter sets are in the record, not in the samples (ISO/IEC 14496-15 section 5.4.2). */
const sampleEntry = ({ width, height, record }: AvcConfiguration): Buffer =>
  box(
    'avc1',
    zeros(6),
    u16(1),
    zeros(16),
    u16(width, height),
    u32(DPI_72, DPI_72, 0),
    u16(1),
    zeros(32),
    u16(0x18, 0xffff),
    box('avcC', record),
  )
