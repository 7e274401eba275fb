import { expect, test } from 'vitest'
import { packetsOf } from './compound.js'
import { parseFeedback } from './feedback.js'
import { writeNack, writeReceiverReport, writeRemb } from './receiver-report.js'

const parsed = (compound: Buffer) => parseFeedback(compound, 77, { lastCommandSequence: undefined })

test('a report is read as it was written', () => {
  const block = { fractionLost: 64, cumulativeLost: 9, highestSequence: 65_541, jitter: 5 }
  const compound = writeReceiverReport(1, 77, block, { ntpMiddle: 0x1234_5678, delayMs: 500 }, 'camera1')
  const { report } = parsed(compound)
  expect(report).toMatchObject({ fractionLost: 0.25, cumulativeLost: 9, highestSequence: 65_541 })
  expect(report!.block.readUInt32BE(12)).toBe(5)
  expect(report!.block.readUInt32BE(16)).toBe(0x1234_5678)
  expect(report!.block.readUInt32BE(20)).toBe(32_768)
  const [, description] = packetsOf(compound)
  expect(description!.toString('latin1')).toContain('camera1')
})

test('a report without a block is complete', () => {
  expect([...packetsOf(writeReceiverReport(1, 77, undefined, undefined, 'c'))]).toHaveLength(2)
})

test('lost packets share fields of seventeen', () => {
  const lost = [65_530, 65_531, 10, 11, 26, 27, 200]
  const nack = writeNack(1, 77, lost)
  expect(parsed(nack).lost.sort((a, b) => a - b)).toEqual([...lost].sort((a, b) => a - b))
  expect(nack).toHaveLength(12 + 4 * 3)
  const many = Array.from({ length: 5000 }, (_, i) => i * 20)
  expect(writeNack(1, 77, many).length).toBeLessThan(300)
})

test.each([0, 1, 262_143, 262_144, 5_000_000, 100_000_000])('REMB carries %d bit/s', (bitrate) => {
  const { rembBps } = parsed(writeRemb(1, 77, bitrate))
  expect(rembBps).toBeLessThanOrEqual(bitrate)
  expect(rembBps).toBeGreaterThan(bitrate * 0.9999 - 1)
})
