import { beforeEach, expect, test } from 'vitest'
import { SoundWatch } from '../../static/sound-watch.js'

const track = { id: 'one' } as MediaStreamTrack
let nowMs: number
let packets: number
let watch: SoundWatch
beforeEach(() => {
  nowMs = 10_000
  packets = 0
  watch = new SoundWatch(() => nowMs)
})

/** A peer connection that receives the track. */
const peer = {
  getReceivers: () => [
    {
      track,
      getStats: async () =>
        await Promise.resolve(new Map([['a', { type: 'inbound-rtp', packetsReceived: packets }]])),
    },
  ],
} as unknown as RTCPeerConnection

/** One check a second. @returns what `isMissing` was after each. */
async function seconds(
  count: number,
  each: { packets: number; heard?: MediaStreamTrack | null },
): Promise<boolean[]> {
  const seen: boolean[] = []
  for (let i = 0; i < count; i++) {
    nowMs += 1000
    packets += each.packets
    await watch.check(peer, each.heard === undefined ? track : each.heard)
    seen.push(watch.isMissing)
  }
  return seen
}

test('sound that arrives is not missing', async () =>
  expect(await seconds(10, { packets: 50 })).not.toContain(true))

test('four seconds without a packet are, until the next one', async () => {
  await seconds(3, { packets: 50 })
  expect(await seconds(5, { packets: 0 })).toEqual([false, false, false, true, true])
  expect(await seconds(1, { packets: 1 })).toEqual([false])
})

test('sound that never arrives is', async () => expect((await seconds(6, { packets: 0 })).at(-1)).toBe(true))

test('sound that is off, and the track of another connection, tell nothing', async () => {
  expect(await seconds(10, { packets: 0, heard: null })).not.toContain(true)
  expect(await seconds(10, { packets: 0, heard: { id: 'two' } as MediaStreamTrack })).not.toContain(true)
})

test('sound that is switched off and on has its seconds again', async () => {
  await seconds(6, { packets: 0 })
  expect(await seconds(1, { packets: 0, heard: null })).toEqual([false])
  expect(await seconds(5, { packets: 0 })).toEqual([false, false, false, false, true])
})

test('checks in between read no statistics, and only a change is reported', async () => {
  expect(await watch.check(peer, track)).toBe(false)
  nowMs += 3999
  expect(await watch.check(peer, track)).toBe(false)
  nowMs += 500
  expect(await watch.check(peer, track)).toBe(false) // half a second after the last
  nowMs += 500
  expect(await watch.check(peer, track)).toBe(true)
  nowMs += 1000
  expect(await watch.check(peer, track)).toBe(false)
  expect(watch.isMissing).toBe(true)
})

test('a connection that is closed meanwhile throws nothing', async () => {
  const closed = {
    getReceivers: () => [{ track, getStats: async () => await Promise.reject(new Error('closed')) }],
  } as unknown as RTCPeerConnection
  expect(await watch.check(closed, track)).toBe(false)
})
