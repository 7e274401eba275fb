import { expect, test } from 'vitest'
import { PacketHistory } from './history.js'
import type { MediaPacket } from './packet.js'

const packet = (index: number, startsKeyframe = false): MediaPacket => ({
  index,
  timestamp: 0,
  marker: true,
  startsKeyframe,
  payload: Buffer.from([1]),
  words: new Uint32Array(0),
})

test('a packet is found by its index until two thousand others came', () => {
  const history = new PacketHistory()
  for (let index = 1; index <= 2048; index++) history.add(packet(index))
  expect(history.get(1)?.index).toBe(1)
  history.add(packet(2049))
  expect(history.get(1)).toBeUndefined()
  expect(history.get(2049)?.index).toBe(2049)
  expect(history.last).toBe(2049)
})

test('what was lost on the way in is not made up', () => {
  const history = new PacketHistory()
  for (const index of [1, 2, 5]) history.add(packet(index))
  expect([3, 4, 6, -1].map((index) => history.get(index))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test('the newest keyframe is known as long as it is kept', () => {
  const history = new PacketHistory()
  expect(history.lastKeyframe).toBeUndefined()
  for (let index = 1; index <= 20; index++) history.add(packet(index, index % 10 === 1))
  expect(history.lastKeyframe).toBe(11)
  for (let index = 21; index <= 2100; index++) history.add(packet(index))
  expect(history.lastKeyframe).toBeUndefined()
})
