import { expect, test } from 'vitest'
import { PacketHistory } from './history.js'
import type { MediaPacket } from './packet.js'

const packet = (index: number, startsKeyframe = false): MediaPacket => ({
  index,
  timestamp: 0,
  marker: true,
  startsKeyframe,
  payload: Buffer.from([1]),
})

test('a packet is found by its index until 2048 newer ones have arrived', () => {
  const history = new PacketHistory()
  for (let index = 1; index <= 2048; index++) history.add(packet(index))
  expect(history.get(1)?.index).toBe(1)
  history.add(packet(2049))
  expect(history.get(1)).toBeUndefined()
  expect(history.get(2049)?.index).toBe(2049)
  expect(history.last).toBe(2049)
})

test('a packet that never arrived is not found', () => {
  const history = new PacketHistory()
  for (const index of [1, 2, 5]) history.add(packet(index))
  expect([3, 4, 6, -1].map((index) => history.get(index))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test('the newest keyframe is found until it is dropped', () => {
  const history = new PacketHistory()
  expect(history.lastKeyframe).toBeUndefined()
  for (let index = 1; index <= 20; index++) history.add(packet(index, index % 10 === 1))
  expect(history.lastKeyframe).toBe(11)
  for (let index = 21; index <= 2100; index++) history.add(packet(index))
  expect(history.lastKeyframe).toBeUndefined()
})

const sized = (index: number, bytes: number, timestamp = 0): MediaPacket => ({
  ...packet(index),
  timestamp,
  payload: Buffer.alloc(bytes),
})

test('a second of 10 Mbit/s is kept, in packets of any size', () => {
  for (const bytes of [700, 1200, 60_000]) {
    const history = new PacketHistory()
    const perSecond = Math.ceil(1_250_000 / bytes)
    for (let index = 1; index <= 3 * perSecond; index++) history.add(sized(index, bytes))
    expect(history.get(2 * perSecond)).toBeDefined()
  }
})

test('no more than four megabytes are kept, however large the packets are', () => {
  const history = new PacketHistory()
  for (let index = 1; index <= 1000; index++) history.add(sized(index, 60_000))
  const kept = Array.from({ length: 1000 }, (_, i) => history.get(i + 1)?.payload.length ?? 0)
  expect(kept.reduce((sum, bytes) => sum + bytes)).toBe(history.bytes)
  expect(history.bytes).toBeLessThanOrEqual(4 * 1024 * 1024)
  expect(history.bytes).toBeGreaterThan(3 * 1024 * 1024)
  expect(history.octets).toBe(60_000_000)
})

test('packets older than fifteen seconds are dropped, however few they are', () => {
  const history = new PacketHistory()
  const frames = 20 * 30
  for (let frame = 1; frame <= frames; frame++) history.add(sized(frame, 100, (frame * 3000 - 600_000) >>> 0))
  expect(history.get(frames - 15 * 30)).toBeDefined()
  expect(history.get(frames - 15 * 30 - 1)).toBeUndefined()
  expect(history.ageMs(history.get(frames - 30)!)).toBe(1000)
})

test('a gap does not stop older packets from being dropped', () => {
  const history = new PacketHistory()
  for (let index = 1; index <= 2000; index++) if (index % 10 !== 3) history.add(sized(index, 10_000))
  expect(history.bytes).toBeLessThanOrEqual(4 * 1024 * 1024)
})
