import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { boxesOf, find } from '../../test/support/mp4.js'
import { HIGH_SPS, PPS, slice, SPS } from '../../test/support/h264.js'
import { avcConfiguration, mimeTypeOf, sampleOf } from './avc-configuration.js'
import { fragment } from './fragment.js'
import { initSegment } from './init-segment.js'

const configuration = avcConfiguration([SPS], [PPS])!

test('the configuration has the codec string and the size of the SPS', () => {
  expect(configuration).toMatchObject({ codec: 'avc1.42c01e', width: 640, height: 480 })
  expect(mimeTypeOf(configuration)).toBe('video/mp4; codecs="avc1.42c01e"')
})

test('the record of a baseline stream has both parameter sets and nothing behind them', () => {
  const { record } = configuration
  expect([...record.subarray(0, 6)]).toEqual([1, 0x42, 0xc0, 0x1e, 0xff, 0xe1])
  expect(record.readUInt16BE(6)).toBe(SPS.length)
  expect(record.subarray(8, 8 + SPS.length)).toEqual(SPS)
  expect([...record.subarray(8 + SPS.length)]).toEqual([1, 0, PPS.length, ...PPS])
})

test('the record of a high profile ends with the chroma format and the bit depths', () => {
  const { record } = avcConfiguration([HIGH_SPS], [PPS])!
  expect([...record.subarray(-4)]).toEqual([0xfd, 0xf8, 0xf8, 0])
})

test.each([
  ['no SPS', [], [PPS]],
  ['no PPS', [SPS], []],
  ['a damaged SPS', [SPS.subarray(0, 5)], [PPS]],
  ['an empty PPS', [SPS], [Buffer.of(0x68)]],
  ['a PPS of 2 kB', [SPS], [Buffer.alloc(2048, 0x68)]],
  ['more PPS than the record can count', [SPS], Array<Buffer>(256).fill(PPS)],
])('%s is no configuration', (_title, sps, pps) => expect(avcConfiguration(sps, pps)).toBeUndefined())

test('the init segment describes one track of video without an end', () => {
  const segment = initSegment(configuration)
  expect(boxesOf(segment).map(({ type }) => type)).toEqual(['ftyp', 'moov'])
  expect(find(segment, 'moov.mvhd').readUInt32BE(12)).toBe(90_000) // timescale
  expect(find(segment, 'moov.mvhd').readUInt32BE(16)).toBe(0) // duration
  expect(find(segment, 'moov.trak.mdia.mdhd').readUInt32BE(12)).toBe(90_000)
  expect(find(segment, 'moov.trak.mdia.hdlr').toString('latin1', 8, 12)).toBe('vide')
  const header = find(segment, 'moov.trak.tkhd')
  expect([header.readUInt32BE(76) >> 16, header.readUInt32BE(80) >> 16]).toEqual([640, 480])
  const entry = find(segment, 'moov.trak.mdia.minf.stbl.stsd').subarray(8)
  expect(entry.toString('latin1', 4, 8)).toBe('avc1')
  expect([entry.readUInt16BE(32), entry.readUInt16BE(34)]).toEqual([640, 480])
  const [record] = boxesOf(entry.subarray(86))
  expect(record).toEqual({ type: 'avcC', content: configuration.record })
  expect(find(segment, 'moov.mvex.trex').readUInt32BE(4)).toBe(1) // track
})

test.each([
  [true, 0x02000000],
  [false, 0x01010000],
])('a fragment, keyframe %s', (isKeyframe, flags) => {
  const sample = sampleOf([slice(5), slice(5, 3)])
  const whole = fragment({ sequence: 7, decodeTime: 2 ** 40 + 5, duration: 3003, isKeyframe, sample })
  expect(boxesOf(whole).map(({ type }) => type)).toEqual(['moof', 'mdat'])
  expect(find(whole, 'moof.mfhd').readUInt32BE(4)).toBe(7)
  const header = find(whole, 'moof.traf.tfhd')
  expect([4, 8, 12, 16].map((at) => header.readUInt32BE(at))).toEqual([1, 3003, sample.length, flags])
  expect(find(whole, 'moof.traf.tfdt').readBigUInt64BE(4)).toBe(2n ** 40n + 5n)
  const run = find(whole, 'moof.traf.trun')
  expect(run.readUInt32BE(4)).toBe(1)
  const dataOffset = run.readUInt32BE(8)
  expect(whole.subarray(dataOffset, dataOffset + sample.length)).toEqual(sample)
  expect(find(whole, 'mdat')).toEqual(sample)
})

test('a sample has each unit behind its length', () => {
  const units = [randomBytes(3), randomBytes(300)]
  const sample = sampleOf(units)
  expect(sample.readUInt32BE(0)).toBe(3)
  expect(sample.subarray(4, 7)).toEqual(units[0])
  expect(sample.readUInt32BE(7)).toBe(300)
  expect(sample.subarray(11)).toEqual(units[1])
})
