import { expect, test } from 'vitest'
import { parseFeedback, writePli, type FirMemory } from './feedback.js'

const OURS = 0xcafebabe
const read = (compound: Buffer, fir: FirMemory = { lastCommandSequence: undefined }) =>
  parseFeedback(compound, OURS, fir)

const receiverReport = (ssrc: number, fractionLost: number): Buffer => {
  const report = Buffer.alloc(32)
  report.set([0x81, 201, 0, 7])
  report.writeUInt32BE(ssrc, 8)
  report[12] = fractionLost
  return report
}

const fir = (ssrc: number, command: number): Buffer => {
  const packet = Buffer.alloc(20)
  packet.set([0x84, 206, 0, 4])
  packet.writeUInt32BE(ssrc, 12)
  packet[16] = command
  return packet
}

const remb = (mantissa: number, exponent: number, ...ssrcs: number[]): Buffer => {
  const packet = Buffer.alloc(20 + ssrcs.length * 4)
  packet.set([0x8f, 206, 0, 4 + ssrcs.length])
  packet.write('REMB', 12)
  packet[16] = ssrcs.length
  packet.writeUIntBE((exponent << 18) | mantissa, 17, 3)
  for (const [i, ssrc] of ssrcs.entries()) packet.writeUInt32BE(ssrc, 20 + i * 4)
  return packet
}

test('a REMB is its mantissa shifted by its exponent, if it includes our stream', () => {
  expect(read(remb(250_000, 1, 5, OURS)).rembBps).toBe(500_000)
  expect(read(remb(0x3ffff, 20, OURS)).rembBps).toBe(0x3ffff * 2 ** 20)
  expect(read(remb(250_000, 1, 5)).rembBps).toBeUndefined()
  const anotherMessage = remb(250_000, 1, OURS)
  anotherMessage.write('XXXX', 12)
  expect(read(anotherMessage).rembBps).toBeUndefined()
})

test('a report has the cumulative loss, which may be negative', () => {
  const report = receiverReport(OURS, 0)
  report.writeIntBE(-3, 13, 3)
  report.writeUInt32BE(0x00020007, 16)
  expect(read(report).report).toMatchObject({ cumulativeLost: -3, highestSequence: 0x00020007 })
})

test('a PLI is the twelve bytes of RFC 4585', () =>
  expect(writePli(1, 0x11223344).toString('hex')).toBe('81ce00020000000111223344'))

test('a PLI for our stream counts, one for another does not', () => {
  expect(read(writePli(1, OURS))).toMatchObject({ pli: 1 })
  expect(read(writePli(1, 7))).toMatchObject({ pli: 0 })
})

test('a FIR counts once per command sequence number', () => {
  const memory: FirMemory = { lastCommandSequence: undefined }
  expect([0, 0, 1].map((command) => read(fir(OURS, command), memory).fir)).toEqual([1, 0, 1])
  expect(read(fir(7, 9), memory).fir).toBe(0)
})

test('a compound of receiver report, PLI and BYE is parsed to its end', () => {
  const bye = Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 1])
  expect(read(Buffer.concat([receiverReport(OURS, 64), writePli(1, OURS), bye]))).toEqual({
    pli: 1,
    fir: 0,
    lost: [],
    bye: true,
    report: expect.objectContaining({ fractionLost: 0.25 }) as unknown,
    rembBps: undefined,
    referenceTime: undefined,
  })
})

test('a packet longer than the datagram stops the parser, and no packet is parsed beyond its length', () => {
  const tooLong = writePli(1, OURS)
  tooLong.writeUInt16BE(200, 2)
  expect(read(tooLong).pli).toBe(0)
  const manyBlocks = receiverReport(OURS, 64)
  manyBlocks[0] = 0x9f
  expect(read(manyBlocks).report?.fractionLost).toBe(0.25)
})

test('a compound may be truncated or changed at any byte', () => {
  const compound = Buffer.concat([receiverReport(OURS, 1), fir(OURS, 1), remb(1, 2, OURS), writePli(1, OURS)])
  for (let length = 0; length <= compound.length; length++) {
    expect(read(compound.subarray(0, length))).toHaveProperty('bye', false)
    const flipped = Buffer.from(compound)
    if (length < flipped.length) flipped[length]! ^= 0xff
    read(flipped)
  }
})

test('a NACK has a packet and any of the next sixteen, across 65535 -> 0', () => {
  const nack = (ssrc: number, ...entries: [first: number, following: number][]): Buffer => {
    const packet = Buffer.alloc(12 + entries.length * 4)
    packet.set([0x81, 205, 0, 2 + entries.length])
    packet.writeUInt32BE(ssrc, 8)
    for (const [i, [first, following]] of entries.entries()) {
      packet.writeUInt16BE(first, 12 + i * 4)
      packet.writeUInt16BE(following, 14 + i * 4)
    }
    return packet
  }
  expect(read(nack(OURS, [100, 0], [65535, 0x8001])).lost).toEqual([100, 65535, 0, 15])
  expect(read(Buffer.concat([nack(OURS, [100, 0]), writePli(1, OURS)]))).toMatchObject({
    lost: [100],
    pli: 1,
  })
  expect(read(nack(7, [100, 0])).lost).toEqual([])
  const greedy = nack(OURS, ...Array.from({ length: 300 }, (_, i): [number, number] => [i * 17, 0xffff]))
  expect(read(greedy).lost.length).toBeLessThanOrEqual(256 + 16)
})
