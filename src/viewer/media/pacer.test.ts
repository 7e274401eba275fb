import { expect, test } from 'vitest'
import { heldBack } from '../../../test/support/rtp.js'
import { PacketHistory } from '../../rtp/history.js'
import type { MediaPacket } from '../../rtp/packet.js'
import { Pacer } from './pacer.js'
import { OutgoingStream } from './outgoing-stream.js'

const FRAME_TICKS = 3000
const FRAME_MS = 1000 / 30
const PAYLOAD_BYTES = 950 // a thousand with what goes around it

/** 30 frames/s, one in sixty a keyframe of twenty packets, the others of four: 1.1 Mbit/s. */
function camera({ lost = [] as number[] } = {}) {
  const history = new PacketHistory()
  const frames: { first: number; packets: number; isKey: boolean }[] = []
  let index = 0
  const frame = (): void => {
    const number = frames.length
    const isKey = number % 60 === 0
    const packets = isKey ? 20 : 4
    frames.push({ first: index + 1, packets, isKey })
    for (let i = 1; i <= packets; i++) {
      index++
      if (!lost.includes(index)) history.add(packetOf(index, number, i === packets, isKey && i === 1))
    }
  }
  return { history, frames, frame }
}

const payload = Buffer.alloc(PAYLOAD_BYTES)
const packetOf = (index: number, frame: number, marker: boolean, startsKeyframe: boolean): MediaPacket => ({
  index,
  timestamp: (frame * FRAME_TICKS) >>> 0,
  marker,
  startsKeyframe,
  payload,
})

function viewer(history: PacketHistory, rateBps: number, maxLagMs = 1000) {
  const sent: { frame: number; sequence: number }[] = []
  const sink = new OutgoingStream(
    heldBack(
      ({ timestamp, sequence, rollover }) =>
        void sent.push({ frame: timestamp / FRAME_TICKS, sequence: rollover * 0x10000 + sequence }),
    ),
    { ssrc: 1, payloadType: 96 },
  )
  const pace = { rateBps, maxLagMs }
  const reader = new Pacer({ history, outgoing: sink, first: 1, timestamp: undefined, pace, nowMs: 0 })
  return { sent, sink, reader }
}

/** The pacer steps every 10 ms. */
function play(seconds: number, rateBps: number, about: Parameters<typeof camera>[0] = {}) {
  const { history, frames, frame } = camera(about)
  const { sent, sink, reader } = viewer(history, rateBps)
  let most = 0
  for (let nowMs = 0; nowMs < seconds * 1000; nowMs += 10) {
    while (frames.length * FRAME_MS <= nowMs) frame()
    const before = sent.length
    reader.step(nowMs)
    most = Math.max(most, sent.length - before)
  }
  const perFrame = new Map<number, number>()
  for (const { frame } of sent) perFrame.set(frame, (perFrame.get(frame) ?? 0) + 1)
  return { sent, sink, reader, frames, perFrame, most }
}

test('a viewer with a fast path gets every packet', () => {
  const { sent, reader, perFrame } = play(10, 2_000_000)
  expect(reader.framesDropped).toBe(0)
  expect(perFrame.size).toBe(300)
  expect(sent.length).toBe(5 * 20 + 295 * 4)
})

test('a viewer with a slow path gets whole frames only, each run starting with a keyframe', () => {
  const { perFrame, frames, reader } = play(20, 500_000)
  const got = [...perFrame.keys()]
  const unfinished = got.at(-1)!
  expect(got.length).toBeGreaterThan(100)
  expect(reader.framesDropped).toBeGreaterThan(200)
  for (const [number, packets] of perFrame)
    if (number !== unfinished) expect(packets).toBe(frames[number]!.packets)
  for (const [i, number] of got.entries())
    expect(frames[number]!.isKey || got[i - 1] === number - 1, `frame ${number}`).toBe(true)
})

test('it is sent no more than its rate, without bursts', () => {
  const { sent, most } = play(20, 500_000)
  expect(sent.length).toBeLessThanOrEqual((20 * 500_000) / 8000 + 2)
  expect(sent.length).toBeGreaterThan((20 * 500_000) / 8000 / 2)
  expect(most).toBeLessThanOrEqual(3)
})

test('dropped frames are no gap in the sequence numbers', () => {
  const { sent } = play(20, 500_000)
  for (let i = 1; i < sent.length; i++) expect(sent[i]!.sequence).toBe(sent[i - 1]!.sequence + 1)
})

test('a packet lost before it arrived remains a gap', () => {
  const { sent } = play(1, 2_000_000, { lost: [30] })
  const gaps = sent.slice(1).map(({ sequence }, i) => sequence - sent[i]!.sequence)
  expect(gaps.filter((gap) => gap !== 1)).toEqual([2])
})

test('a frame is never started later than the maximum lag', () => {
  const { history, frames, frame } = camera()
  const { sent, reader } = viewer(history, 300_000, 500)
  let seen = 0
  for (let nowMs = 0; nowMs < 20_000; nowMs += 10) {
    while (frames.length * FRAME_MS <= nowMs) frame()
    reader.step(nowMs)
    for (; seen < sent.length; seen++) {
      const { frame } = sent[seen]!
      const begins = sent[seen - 1]?.frame !== frame
      if (begins && !frames[frame]!.isKey) expect(frames.length - 1 - frame).toBeLessThanOrEqual(15)
    }
  }
})

test('of two waiting keyframes, the newer one is sent', () => {
  const { history, frames, frame } = camera()
  const { sent, reader } = viewer(history, 1_000_000)
  while (frames.length < 121) frame()
  for (let nowMs = 0; nowMs < 1000; nowMs += 10) reader.step(nowMs)
  expect(new Set(sent.map(({ frame }) => frame))).toEqual(new Set([120]))
})

test('retransmissions reduce the rate of frames, but never stop them for long', () => {
  const { history, frames, frame } = camera()
  const { sent, reader } = viewer(history, 1_000_000)
  while (frames.length < 10) frame()
  reader.step(0)
  reader.spend(500_000)
  reader.spend(500_000)
  const before = sent.length
  reader.step(190)
  expect(sent.length).toBe(before)
  reader.step(230)
  expect(sent.length).toBeGreaterThan(before)
})
