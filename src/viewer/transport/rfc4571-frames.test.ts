import { expect, test } from 'vitest'
import { FrameReader, writeFrame } from './rfc4571-frames.js'

const packets = ['one', 'a longer packet', 'x'.repeat(700)].map((text) => Buffer.from(text))
const stream = Buffer.concat(packets.map((packet) => writeFrame(packet)))

/** Reads pieces with one reader. */
function read(pieces: Buffer[], maxBytes = 1000) {
  const reader = new FrameReader()
  const got: Buffer[] = []
  const goesOn = pieces.map((piece) =>
    reader.read(
      piece,
      () => maxBytes,
      (packet) => got.push(packet) > 0,
    ),
  )
  return { got, goesOn }
}

test.each([1, 2, 3, 5, 17, 719, 10_000])('packets are the same in pieces of %i bytes', (bytes) => {
  const pieces = Array.from({ length: Math.ceil(stream.length / bytes) }, (_, i) =>
    stream.subarray(i * bytes, (i + 1) * bytes),
  )
  expect(read(pieces).got).toEqual(packets)
})

test('a packet that is too long ends the reading before its first byte', () => {
  const { got, goesOn } = read([writeFrame(packets[0]!), Buffer.from([0x03, 0xe9])])
  expect(got).toEqual([packets[0]])
  expect(goesOn).toEqual([true, false])
})

test('the limit is asked for each packet', () => {
  const reader = new FrameReader()
  const got: Buffer[] = []
  const chunk = Buffer.concat([writeFrame(Buffer.alloc(10)), writeFrame(Buffer.alloc(100))])
  const maxBytes = (): number => (got.length === 0 ? 10 : 100)
  expect(reader.read(chunk, maxBytes, (packet) => got.push(packet) > 0)).toBe(true)
  expect(got.map(({ length }) => length)).toEqual([10, 100])
})

test('frames without content are skipped', () => {
  expect(read([Buffer.from([0, 0, 0, 0, 0, 1, 7, 0, 0])]).got).toEqual([Buffer.from([7])])
})

test('a reader that is told to stop reads no more of the chunk', () => {
  const reader = new FrameReader()
  const got: Buffer[] = []
  const once = (packet: Buffer): boolean => got.push(packet) > 1
  expect(reader.read(stream, () => 1000, once)).toBe(false)
  expect(got.length).toBe(1)
})

test('a packet does not share memory with the stream, nor a frame with its packet', () => {
  const chunk = Buffer.from(stream)
  const { got } = read([chunk])
  chunk.fill(0)
  expect(got).toEqual(packets)
  const packet = Buffer.from('abc')
  const frame = writeFrame(packet)
  packet.fill(0)
  expect(frame).toEqual(Buffer.from('\0\x03abc'))
})
