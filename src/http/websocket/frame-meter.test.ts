import { expect, test } from 'vitest'
import { FrameMeter } from './frame-meter.js'

/** A masked frame as a client sends it. */
function frame(opcode: number, isFinal: boolean, length: number): Buffer {
  const head =
    length < 126
      ? [0x80 | length]
      : length < 0x10000
        ? [0xfe, length >> 8, length & 0xff]
        : [0xff, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff]
  return Buffer.from([
    (isFinal ? 0x80 : 0) | opcode,
    ...head,
    1,
    2,
    3,
    4,
    ...Array<number>(length).fill(0xff),
  ])
}

const [TEXT, MORE, PING] = [1, 0, 9]

/** What is unfinished behind each of these pieces. */
function measure(...pieces: Buffer[]): number[] {
  const meter = new FrameMeter()
  return pieces.map((piece) => {
    meter.push(piece)
    return meter.unfinishedBytes
  })
}

test.each([0, 1, 125, 126, 65_535, 65_536, 131_072])(
  'a message of %i bytes is complete with its last byte',
  (length) => {
    const whole = frame(TEXT, true, length)
    expect(measure(whole)).toEqual([0])
    expect(measure(whole.subarray(0, -1), whole.subarray(-1), whole)).toEqual([whole.length - 1, 0, 0])
  },
)

test('byte by byte comes to the same', () => {
  const bytes = Buffer.concat([frame(TEXT, true, 130), frame(TEXT, false, 3), frame(MORE, true, 0)])
  const meter = new FrameMeter()
  for (const byte of bytes) meter.push(Buffer.from([byte]))
  expect([meter.unfinishedBytes, meter.completed]).toEqual([0, 2])
})

test('fragments add up until the last one, pings in between too', () => {
  const fragment = frame(TEXT, false, 10)
  const sizes = measure(fragment, frame(PING, true, 0), frame(MORE, false, 10), frame(MORE, true, 10))
  expect(sizes).toEqual([fragment.length, fragment.length + 6, 2 * fragment.length + 6, 0])
})

test('a ping that is cut off is unfinished as well', () =>
  expect(measure(frame(PING, true, 5).subarray(0, 8))).toEqual([8]))

test('what begins behind a complete message in the same piece is counted from its beginning', () =>
  expect(measure(Buffer.concat([frame(TEXT, true, 100), frame(TEXT, true, 100).subarray(0, 50)]))).toEqual([
    50,
  ]))

test('a length beyond all numbers is a message that never ends', () => {
  const endless = Buffer.from([0x81, 0xff, ...Array<number>(8).fill(0xff), 0, 0, 0, 0])
  expect(measure(endless, Buffer.alloc(1000))).toEqual([14, 1014])
})
