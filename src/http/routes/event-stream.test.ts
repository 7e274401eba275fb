import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EventFeed } from './event-feed.js'
import { eventStream } from './event-stream.js'

const TICK_MS = 1000
const state = { cameras: { camera1: 'live' } as Record<string, string>, viewers: [] as number[] }

beforeEach(() => {
  vi.useFakeTimers()
  state.cameras = { camera1: 'live' }
  state.viewers = []
})
afterEach(() => vi.useRealTimers())

function opened(role: 'watch' | 'administer' = 'watch', timing = { heartbeatMs: 15_000, stallMs: 60_000 }) {
  const feed = new EventFeed([
    { name: 'cameras', needs: 'watch', read: () => state.cameras },
    { name: 'viewers', needs: 'administer', read: () => state.viewers },
  ])
  const onEnd = vi.fn<(reason: string) => void>()
  const open = () => {
    const permits = (needed: string) => needed === 'watch' || role === 'administer'
    return eventStream(feed, { permits, onEnd, timing }).getReader()
  }
  return { feed, onEnd, open }
}

const read = async (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> => {
  const { value } = await reader.read()
  return Buffer.from(value ?? []).toString()
}

test('a client gets every state at first, then those that change', async () => {
  const { open } = opened()
  const reader = open()
  expect(await read(reader)).toBe('retry: 2000\n\nevent: cameras\ndata: {"camera1":"live"}\n\n')
  const next = read(reader)
  await vi.advanceTimersByTimeAsync(TICK_MS)
  state.cameras = { camera1: 'lost' }
  await vi.advanceTimersByTimeAsync(TICK_MS)
  expect(await next).toBe('event: cameras\ndata: {"camera1":"lost"}\n\n')
})

test('only administrators get what only they may know', async () => {
  expect(await read(opened('watch').open())).not.toContain('viewers')
  const { open } = opened('administer')
  const reader = open()
  expect(await read(reader)).toContain('event: viewers\ndata: []\n\n')
  const next = read(reader)
  state.viewers = [7]
  await vi.advanceTimersByTimeAsync(TICK_MS)
  expect(await next).toBe('event: viewers\ndata: [7]\n\n')
})

test('a client that reads late gets the newest state once, not each one between', async () => {
  const { open } = opened()
  const reader = open()
  await read(reader)
  for (const now of ['lost', 'starting', 'live', 'lost']) {
    state.cameras = { camera1: now }
    await vi.advanceTimersByTimeAsync(TICK_MS)
  }
  expect(await read(reader)).toBe('event: cameras\ndata: {"camera1":"lost"}\n\n')
  const onNext = vi.fn<(text: string) => void>()
  void read(reader).then(onNext)
  await vi.advanceTimersByTimeAsync(TICK_MS)
  expect(onNext).not.toHaveBeenCalled()
})

test('a quiet stream has a comment now and then, for proxies', async () => {
  const { open } = opened('watch', { heartbeatMs: 5000, stallMs: 60_000 })
  const reader = open()
  await read(reader)
  let text: string | undefined
  void read(reader).then((value) => (text = value))
  await vi.advanceTimersByTimeAsync(4000)
  expect(text).toBeUndefined()
  await vi.advanceTimersByTimeAsync(2000)
  expect(text).toBe(': \n\n')
})

test('the server looks for changes while somebody follows, and for nobody', async () => {
  const { feed, open, onEnd } = opened()
  const readers = [open(), open()]
  for (const reader of readers) await read(reader)
  expect(feed.followers).toBe(2)
  await readers[0]!.cancel()
  expect(feed.followers).toBe(1)
  await readers[1]!.cancel()
  expect(feed.followers).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
  expect(onEnd.mock.calls).toEqual([['left'], ['left']])
  expect(await read(open())).toContain('"camera1":"live"') // and again for the next one
})

test('a client that reads nothing is given up', async () => {
  const { feed, open, onEnd } = opened('watch', { heartbeatMs: 15_000, stallMs: 30_000 })
  await read(open())
  await vi.advanceTimersByTimeAsync(29_000)
  expect(onEnd).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(2000)
  expect(onEnd).toHaveBeenCalledExactlyOnceWith('stalled')
  expect(feed.followers).toBe(0)
})
