import { expect, test } from 'vitest'
import { FrameCounter } from './frame-counter.js'
import type { MediaPacket } from './packet.js'

const packet = (timestamp: number): MediaPacket => ({ timestamp }) as MediaPacket
const reported = { source: 'reports', captureMonotonicMs: (timestamp: number) => timestamp / 90 } as const

test('packets of one timestamp are one frame, and a late packet is not counted', () => {
  const counter = new FrameCounter(reported)
  for (const timestamp of [0, 0, 3000, 3000, 0, 6000]) counter.note(packet(timestamp), 0)
  expect(counter.frames).toBe(3)
})

test('frames are counted across the wrap of timestamps', () => {
  const counter = new FrameCounter(reported)
  for (const timestamp of [0xffff_ff00, 2000, 5000]) counter.note(packet(timestamp), 0)
  expect(counter.frames).toBe(3)
})

test('the delay is that of the newest frame’s first packet, and unknown without a capture time', () => {
  const counter = new FrameCounter(reported)
  counter.note(packet(9000), 140)
  counter.note(packet(9000), 160)
  expect(counter.captureDelayMs).toBe(40)
  const guessed = new FrameCounter({ ...reported, source: 'arrivals' })
  guessed.note(packet(9000), 140)
  expect(guessed.captureDelayMs).toBeUndefined()
})
