import { expect, onTestFinished, test, vi } from 'vitest'
import { RtpFanout } from '../rtp/fanout.js'
import type { MediaPacket } from '../rtp/packet.js'
import { joinFanout } from './join.js'
import { ViewerSink } from './sink.js'

const packet = (index: number): MediaPacket => ({
  index,
  timestamp: index,
  marker: true,
  startsKeyframe: index % 100 === 1,
  payload: Buffer.from([1]),
  words: new Uint32Array(0),
})

function late(keyframesOnDemand: boolean) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const fanout = new RtpFanout()
  for (let index = 1; index <= 180; index++) fanout.send(packet(index))
  const got: number[] = []
  const sink = new ViewerSink(
    { sendRtp: ({ timestamp }) => void got.push(timestamp) },
    { payloadType: 96, ssrc: 1, rtx: undefined },
  )
  const requestKeyframe = vi.fn()
  const joined = joinFanout(sink, {
    clock: { timestampAt: () => 0 },
    fanout,
    keyframesOnDemand,
    requestKeyframe,
  })
  return { fanout, got, joined, requestKeyframe }
}

test('where the encoder makes keyframes on demand, one is asked for', () => {
  const { fanout, got, requestKeyframe } = late(true)
  expect(requestKeyframe).toHaveBeenCalledTimes(1)
  expect(got).toEqual([])
  for (let index = 181; index <= 205; index++) fanout.send(packet(index))
  expect(got).toEqual([201, 202, 203, 204, 205])
})

test('where it does not, what came since the last keyframe is sent, paced and without a gap', () => {
  const { fanout, got, requestKeyframe } = late(false)
  expect(requestKeyframe).not.toHaveBeenCalled()
  expect(got).toEqual(Array.from({ length: 24 }, (_, i) => 101 + i))
  for (let index = 181; index <= 190; index++) fanout.send(packet(index))
  vi.advanceTimersByTime(50)
  for (let index = 191; index <= 195; index++) fanout.send(packet(index))
  expect(got).toEqual(Array.from({ length: 95 }, (_, i) => 101 + i))
})

test('a viewer that leaves while it is caught up leaves nothing behind', () => {
  const { fanout, got, joined } = late(false)
  joined[Symbol.dispose]()
  vi.advanceTimersByTime(100)
  expect(got.length).toBe(24)
  expect(fanout.viewers).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})
