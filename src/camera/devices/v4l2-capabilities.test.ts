import { expect, test } from 'vitest'
import { parseNodeUse } from './v4l2-capabilities.js'

/** As `v4l2-ctl -D` prints it. */
const info = (driver: string, all: string, own?: string): string =>
  `Driver Info:\n\tDriver name      : ${driver}\n\tCard type        : Some card\n\tCapabilities     : 0x${all}\n` +
  (own === undefined ? '' : `\t\tDevice Capabilities\n\tDevice Caps      : 0x${own}\n\t\tStreaming\n`)

test.each([
  ['uvcvideo', '84a00001', '04200001', 'capture'],
  ['uvcvideo', '84a00001', '04a00000', 'metadata'],
  ['vivid', 'bfbf01df', '05200002', 'output'],
  ['vicodec', '84208000', '04208000', 'codec'],
  ['bcm2835-codec', '84204000', '04204000', 'codec'],
  ['rp1-cfe', 'aca01001', '24a01000', 'capture'],
  ['v4l2 loopback', '85200003', '05200003', 'capture'],
  ['v4l2 loopback', '85208003', '05208003', 'capture'],
  ['v4l2 loopback', '85208001', '05208001', 'capture'],
  ['v4l2 loopback', '85208002', '05208002', 'idle-loopback'],
  ['v4l2 loopback', '85200002', '05200002', 'idle-loopback'],
  ['s5p-mfc', '84003000', '04003000', 'codec'], // a codec of before M2M flags
  ['saa7146', '95000010', '85000010', 'other'], // VBI
])('a node of %s with the capabilities 0x%s, 0x%s of its own, is: %s', (driver, all, own, use) =>
  expect(parseNodeUse(info(driver, all, own))).toBe(use),
)

test('a driver without capabilities per node', () =>
  expect(parseNodeUse(info('pwc', '05000001'))).toBe('capture'))

test('an error message has no capabilities', () =>
  expect(parseNodeUse('Cannot open device /dev/video0, exiting.\n')).toBeUndefined())
