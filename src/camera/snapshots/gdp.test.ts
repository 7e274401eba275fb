import { expect, test } from 'vitest'
import { gdpBuffer, gdpPacket } from '../../../test/fakes/gdp.js'
import { createGdpReader, type GdpPacket } from './gdp.js'

function reading() {
  const packets: GdpPacket[] = []
  return { packets, read: createGdpReader((packet) => packets.push(packet)) }
}

test('packets are parsed from chunks of any size', () => {
  const stream = Buffer.concat([
    gdpBuffer(Buffer.from('first'), 1.5),
    gdpPacket(2, Buffer.from('image/jpeg')),
    gdpBuffer(Buffer.alloc(100_000, 7), 33.25),
    gdpBuffer(Buffer.alloc(0), undefined),
  ])
  for (const size of [1, 7, 61, 62, 63, 65_536, stream.length]) {
    const { packets, read } = reading()
    for (let at = 0; at < stream.length; at += size) read(stream.subarray(at, at + size))
    expect(packets.map(({ kind, timestampMs, payload }) => [kind, timestampMs, payload.length])).toEqual([
      ['buffer', 1.5, 5],
      ['other', undefined, 10],
      ['buffer', 33.25, 100_000],
      ['buffer', undefined, 0],
    ])
    expect(packets[0]!.payload.toString()).toBe('first')
    expect(packets[2]!.payload.every((byte) => byte === 7)).toBe(true)
  }
})

test('a payload is a copy: the memory of the chunk may be reused', () => {
  const { packets, read } = reading()
  const piece = gdpBuffer(Buffer.from('kept'), 0)
  read(piece)
  piece.fill(0)
  expect(packets[0]!.payload.toString()).toBe('kept')
})

test('data that is not GDP is rejected before memory is allocated for it', () => {
  expect(() => reading().read(Buffer.alloc(62, 0x41))).toThrow('not GDP 1')
  const huge = gdpPacket(1, Buffer.alloc(0))
  huge.writeUInt32BE(0x7fffffff, 6)
  expect(() => reading().read(huge)).toThrow('is too large for a JPEG')
})
