import { randomBytes, randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { aggregate, fragments, packetizer, PPS, slice, SPS } from '../../../test/support/h264.js'
import type { MediaPacket } from '../packet.js'
import { AccessUnits, type AccessUnit } from './access-units.js'
import { MAX_ACCESS_UNIT_BYTES } from './unit-reader.js'

function assemble(...packets: MediaPacket[]): AccessUnit[] {
  const found: AccessUnit[] = []
  const units = new AccessUnits((unit) => void found.push(unit))
  for (const packet of packets) units.push(packet)
  return found
}

const [idr, delta] = [slice(5), slice(1)]

test('single units, an aggregate and fragments become the same access unit', () => {
  const expected = [{ timestamp: 0, isKeyframe: true, units: [idr], sps: [SPS], pps: [PPS] }]
  expect(assemble(...packetizer()(SPS, PPS, idr))).toEqual(expected)
  expect(assemble(...packetizer()(aggregate(SPS, PPS, idr)))).toEqual(expected)
  expect(assemble(...packetizer()(aggregate(SPS, PPS), ...fragments(idr, 7)))).toEqual(expected)
})

test('an access unit delimiter is dropped, and SEI is kept', () => {
  const [delimiter, sei, filler] = [Buffer.of(9, 0xf0), Buffer.of(6, 5, 1, 0, 0x80), Buffer.of(12, 0xff)]
  const [found] = assemble(...packetizer()(delimiter, SPS, PPS, sei, idr, filler))
  expect(found!.units).toEqual([sei, idr])
})

test('what comes before the first keyframe is dropped', () => {
  const frame = packetizer()
  const found = assemble(...frame(delta), ...frame(delta), ...frame(SPS, PPS, idr), ...frame(delta))
  expect(found.map(({ timestamp, isKeyframe }) => [timestamp, isKeyframe])).toEqual([
    [6000, true],
    [9000, false],
  ])
})

test.each([
  ['a fragment in the middle of a frame', 5],
  ['the last fragment, with the marker', 6],
  ['the first fragment of a frame', 4],
])('without %s everything up to the next keyframe is dropped', (_title, lost) => {
  const frame = packetizer()
  const packets = [
    ...frame(SPS, PPS, idr),
    ...frame(delta), // index 3
    ...frame(...fragments(slice(1, 20), 7)), // 4, 5, 6
    ...frame(delta),
    ...frame(SPS, PPS, idr),
  ]
  const found = assemble(...packets.filter(({ index }) => index !== lost))
  expect(found.map(({ timestamp }) => timestamp)).toEqual([0, 3000, 12_000])
})

test('a late packet of a frame that was given up changes nothing', () => {
  const frame = packetizer()
  const [first, second, third] = [frame(SPS, PPS, idr), frame(delta), frame(SPS, PPS, idr)]
  expect(assemble(...first, ...third, ...second, ...frame(delta))).toHaveLength(1)
})

test('without markers the next timestamp ends a frame', () => {
  const frame = packetizer()
  const packets = [...frame(SPS, PPS, idr), ...frame(delta), ...frame(delta)]
  const found = assemble(...packets.map((packet) => ({ ...packet, marker: false })))
  expect(found.map(({ timestamp }) => timestamp)).toEqual([0, 3000])
})

test('without markers a lost packet spoils the frames beside it, and no later ones', () => {
  const frame = packetizer()
  const packets = [...frame(SPS, PPS, idr), ...frame(delta), ...frame(SPS, PPS, idr), ...frame(delta)]
  const found = assemble(
    ...packets.filter(({ index }) => index !== 3).map((packet) => ({ ...packet, marker: false })),
    ...frame(SPS, PPS, idr),
    ...frame(delta),
  )
  expect(found.map(({ timestamp }) => timestamp)).toEqual([12_000, 15_000])
})

test('parameter sets with a marker of their own belong to the next frame', () => {
  const frame = packetizer()
  const [found] = assemble(...frame(SPS), ...frame(PPS), ...frame(idr))
  expect(found).toMatchObject({ timestamp: 6000, sps: [SPS], pps: [PPS] })
})

test('several slices are one access unit', () => {
  const [found] = assemble(...packetizer()(SPS, PPS, idr, slice(5, 9), slice(5, 3)))
  expect(found!.units).toHaveLength(3)
})

test('a frame without an end is given up before it fills the memory', () => {
  const found: AccessUnit[] = []
  const units = new AccessUnits((unit) => void found.push(unit))
  const part = Buffer.concat([Buffer.of(0x7c, 0x05), Buffer.alloc(60_000)])
  let index = 0
  const push = (payload: Buffer, timestamp: number, marker = false): void =>
    units.push({ index: index++, timestamp, marker, startsKeyframe: false, payload })
  push(Buffer.of(0x7c, 0x85, 0), 0)
  for (let bytes = 0; bytes < 2 * MAX_ACCESS_UNIT_BYTES; bytes += part.length) push(part, 0)
  push(Buffer.of(0x7c, 0x45, 0), 0, true)
  expect(found).toEqual([])
  for (const packet of packetizer(index, 3000)(SPS, PPS, idr)) units.push(packet)
  expect(found).toHaveLength(1)
})

test('no payload makes it throw, and a clean keyframe is found after any of them', () => {
  const found: AccessUnit[] = []
  const units = new AccessUnits((unit) => void found.push(unit))
  const types = [0, 1, 5, 7, 8, 24, 25, 28, 29, 31]
  let index = 0
  for (let round = 0; round < 20_000; round++) {
    const payload = randomBytes(randomInt(1, 40))
    payload[0] = (payload[0]! & 0xe0) | types[round % types.length]!
    if (randomInt(10) === 0) index += randomInt(3)
    const timestamp = 3000 * (round >> 2)
    units.push({ index: index++, timestamp, marker: randomInt(3) === 0, startsKeyframe: false, payload })
  }
  found.length = 0
  const frame = packetizer(index, 1_000_000_000)
  for (const packet of [...frame(SPS, PPS, idr), ...frame(SPS, PPS, idr)]) units.push(packet)
  expect(found.at(-1)).toMatchObject({ isKeyframe: true, units: [idr] })
})
