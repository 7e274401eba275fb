import { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { gdpBuffer } from '../../../test/fakes/gdp.js'
import { silentLog } from '../../log.js'
import { createSnapshotReader } from './reader.js'

/** A capture process's end of the socket: what it sends, and the moments at which tokens came. */
class Pipeline extends Duplex {
  readonly tokensAtMs: number[] = []
  override _read(): void {}
  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    this.tokensAtMs.push(performance.now())
    done()
  }
  /** @param timeMs on the pipeline's own time line. */
  picture(name: string, timeMs: number): void {
    this.push(gdpBuffer(Buffer.from(`\xff\xd8 ${name}`, 'latin1'), timeMs))
  }
  token(timeMs: number | undefined): void {
    this.push(gdpBuffer(Buffer.from('t'), timeMs))
  }
}

const never = (): AbortSignal => new AbortController().signal
const nameOf = ({ jpeg }: { jpeg: Buffer }): string => jpeg.toString('latin1').slice(3)
const settled = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve))

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

/** A feed whose process delivers, and whose time line began `runningMs` ago. */
async function delivering(runningMs: number) {
  const feed = createSnapshotReader(silentLog)
  const pipeline = new Pipeline()
  feed.attach(pipeline)
  vi.advanceTimersByTime(runningMs)
  feed.delivering()
  pipeline.token(runningMs)
  await settled()
  const originMs = pipeline.tokensAtMs[0]! - runningMs
  return { feed, pipeline, at: (ms: number) => ms - originMs }
}

test('what waited in the socket is passed over for a picture captured after the request', async () => {
  const { feed, pipeline, at } = await delivering(60_000)
  for (const age of [50_000, 49_967, 20, 5]) pipeline.picture(`${age} old`, at(performance.now() - age))
  const asked = performance.now()
  const asking = feed.next(asked, never())
  await settled()
  pipeline.picture('new', at(asked + 1))
  expect(nameOf(await asking)).toBe('new')
})

test('a picture is told by its age when there is one that is young enough', async () => {
  const { feed, pipeline, at } = await delivering(60_000)
  pipeline.picture('far too old', at(performance.now() - 10_000))
  pipeline.picture('young enough', at(performance.now() - 100))
  const picture = await feed.next(performance.now() - 300, never())
  expect(nameOf(picture)).toBe('young enough')
  expect(performance.now() - picture.capturedAtMs).toBeGreaterThan(90)
  expect(await feed.next(performance.now() - 300, never())).toBe(picture)
})

test('everybody who waits is given the same picture', async () => {
  const { feed, pipeline, at } = await delivering(0)
  const asking = Array.from({ length: 100 }, async () => await feed.next(performance.now(), never()))
  pipeline.picture('shared', at(performance.now() + 10))
  const pictures = await Promise.all(asking)
  expect(new Set(pictures).size).toBe(1)
})

test('the socket is read only while somebody wants a picture', async () => {
  const { feed, pipeline, at } = await delivering(0)
  expect(pipeline.isPaused()).toBe(true)
  const gone = new AbortController()
  void feed.next(performance.now(), gone.signal)
  expect(pipeline.isPaused()).toBe(false)
  gone.abort()
  expect(pipeline.isPaused()).toBe(true)
  const following = feed.follow()
  expect(pipeline.isPaused()).toBe(false)
  pipeline.picture('seen', at(performance.now()))
  await settled()
  expect(pipeline.isPaused()).toBe(false)
  following[Symbol.dispose]()
  following[Symbol.dispose]()
  expect(pipeline.isPaused()).toBe(true)
})

test('before the time line is known no picture is believed', async () => {
  const feed = createSnapshotReader(silentLog)
  const pipeline = new Pipeline()
  feed.attach(pipeline)
  const seen = vi.fn()
  void feed.next(0, never()).then(seen)
  pipeline.picture('of unknown age', 1e9)
  await settled()
  expect(seen).not.toHaveBeenCalled()
})

test('a token that comes back without a time, or with one from before the pipeline was, is sent again', async () => {
  const feed = createSnapshotReader(silentLog)
  const pipeline = new Pipeline()
  feed.attach(pipeline)
  vi.advanceTimersByTime(10)
  feed.delivering()
  pipeline.token(undefined)
  await settled()
  expect(pipeline.tokensAtMs).toHaveLength(2)
  pipeline.token(3_600_000)
  await settled()
  expect(pipeline.tokensAtMs).toHaveLength(3)
  expect(pipeline.isPaused()).toBe(false)
  pipeline.token(5)
  await settled()
  expect(pipeline.isPaused()).toBe(true)
})

test('who waits while the process is replaced is given a picture of the next one', async () => {
  const { feed } = await delivering(60_000)
  const asking = feed.next(performance.now(), never())
  const next = new Pipeline()
  feed.attach(next)
  vi.advanceTimersByTime(5)
  feed.delivering()
  next.token(1)
  next.picture('of the next process', 20)
  expect(nameOf(await asking)).toBe('of the next process')
})

test('what is no picture at all is reported once and read no further', async () => {
  const warn = vi.fn()
  const feed = createSnapshotReader({ ...silentLog, warn })
  const pipeline = new Pipeline()
  feed.attach(pipeline)
  feed.delivering()
  pipeline.push(Buffer.alloc(1000, 0x41))
  pipeline.push(Buffer.alloc(1000, 0x41))
  await settled()
  expect(warn).toHaveBeenCalledTimes(1)
  expect(pipeline.isPaused()).toBe(true)
})

test('one who asks again and again leaves nothing behind at the signal', async () => {
  const { feed, pipeline, at } = await delivering(0)
  const over = new AbortController()
  const add = vi.spyOn(over.signal, 'addEventListener')
  const remove = vi.spyOn(over.signal, 'removeEventListener')
  for (let i = 0; i < 20; i++) {
    const asking = feed.next(performance.now(), over.signal)
    pipeline.picture(`${i}`, at(performance.now() + 1))
    await asking
  }
  expect(remove).toHaveBeenCalledTimes(add.mock.calls.length)
})
