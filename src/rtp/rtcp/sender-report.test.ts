import { describe, expect, test } from 'vitest'
import { ntpMsOf } from '../ntp.js'
import { parseSenderReport, roundTripMs, writeSenderReport } from './sender-report.js'

const about = {
  ssrc: 0xcafebabe,
  wallMs: Date.UTC(2026, 0, 2, 3, 4, 5, 750),
  rtpTimestamp: 0xfffffff0,
  packets: 12,
  octets: 3456,
  cname: 'camera1',
}

const reportBlock = (lastReport: number, delay: number): Buffer => {
  const block = Buffer.alloc(24)
  block.writeUInt32BE(lastReport >>> 0, 16)
  block.writeUInt32BE(delay, 20)
  return block
}

describe('writing', () => {
  test('a report has the layout of RFC 3550', () =>
    expect(writeSenderReport(about).toString('hex')).toBe(
      [
        '80c80006cafebabe',
        'ed01b425c0000000', // three quarters of a second are three quarters of 2^32
        'fffffff0',
        '0000000c00000d80',
        '81ca0004cafebabe',
        '010763616d6572613100', // CNAME, 7 bytes, and the null octet that ends the list
        '0000',
      ].join(''),
    ))

  test.each([0, 1, 2, 3, 4, 5, 255, 300])('a name of %i bytes is ended and padded', (length) => {
    const compound = writeSenderReport({ ...about, cname: 'x'.repeat(length) })
    expect(compound.length % 4).toBe(0)
    expect(compound.readUInt16BE(30)).toBe((compound.length - 28) / 4 - 1)
    expect(compound[37]).toBe(Math.min(length, 255))
    expect(compound.at(-1)).toBe(0)
  })

  test('a written report is parsed with microsecond precision', () => {
    for (const ms of [0, 0.001, 0.5, 1, 499.9995, 716, 999, 999.999]) {
      const report = parseSenderReport(writeSenderReport({ ...about, wallMs: about.wallMs + ms }))!
      expect(report).toMatchObject({ ssrc: about.ssrc, rtpTimestamp: about.rtpTimestamp })
      expect(Math.abs(report.ntpMs - ntpMsOf(about.wallMs + ms))).toBeLessThan(0.002)
    }
  })

  test('counters wrap at 2^32, and NTP time in 2036', () => {
    const compound = writeSenderReport({ ...about, wallMs: Date.UTC(2036, 1, 8), octets: 2 ** 32 + 5 })
    expect(compound.readUInt32BE(24)).toBe(5)
    expect(compound.readUInt32BE(8)).toBeLessThan(86_400)
  })
})

describe('parsing', () => {
  test('a report is found after other packets of its compound', () => {
    const bye = Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 1])
    expect(parseSenderReport(Buffer.concat([bye, writeSenderReport(about)]))?.ssrc).toBe(about.ssrc)
    expect(parseSenderReport(bye)).toBeUndefined()
  })

  test('a truncated report or one of another version is ignored', () => {
    const compound = writeSenderReport(about)
    for (let length = 0; length < 28; length++)
      expect(parseSenderReport(compound.subarray(0, length))).toBeUndefined()
    expect(parseSenderReport(Buffer.from(compound).fill(0x40, 0, 1))).toBeUndefined()
    const short = Buffer.from(compound)
    short.writeUInt16BE(5, 2)
    expect(parseSenderReport(short)).toBeUndefined()
    const long = Buffer.from(compound)
    long.writeUInt16BE(500, 2)
    expect(parseSenderReport(long)).toBeUndefined()
  })

  test('a report may be changed at any byte', () => {
    const compound = writeSenderReport(about)
    for (let at = 0; at < compound.length; at++) {
      const flipped = Buffer.from(compound)
      flipped[at]! ^= 0xff
      expect(() => parseSenderReport(flipped)).not.toThrow()
    }
  })
})

describe('round trip', () => {
  /** The middle 32 bits of the NTP timestamp. */
  const remembered = writeSenderReport(about).readUInt32BE(10)

  test('is the time since the report minus the receiver’s delay', () => {
    const block = reportBlock(remembered, 0.5 * 65536)
    expect(roundTripMs(block, about.wallMs + 520)).toBeCloseTo(20, 1)
  })

  test('is found across the wrap of the middle bits', () => {
    const wallMs = 65_536_000 * 27_000 - 2_208_988_800_000 - 10
    const lastReport = writeSenderReport({ ...about, wallMs }).readUInt32BE(10)
    expect(roundTripMs(reportBlock(lastReport, 0), wallMs + 25)).toBeCloseTo(25, 1)
  })

  test('is unknown before the first report, and after the wall clock was set', () => {
    expect(roundTripMs(reportBlock(0, 0), about.wallMs)).toBeUndefined()
    const block = reportBlock(remembered, 0)
    expect(roundTripMs(block, about.wallMs - 60_000)).toBeUndefined()
    expect(roundTripMs(block, about.wallMs + 3_600_000)).toBeUndefined()
    expect(roundTripMs(block.subarray(0, 20), about.wallMs)).toBeUndefined()
  })

  test('is never negative, though both clocks are rounded', () =>
    expect(roundTripMs(reportBlock(remembered, 65), about.wallMs)).toBe(0))
})
