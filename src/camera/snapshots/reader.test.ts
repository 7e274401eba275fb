import { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { gdpBuffer } from '../../../test/fakes/gdp.js'
import { silentLog } from '../../log.js'
import { createSnapshotReader } from './reader.js'

/** A capture process's end of the socket; records when tokens arrive. */
class Pipeline extends Duplex {
  readonly tokensAtMs: number[] = []
  override _read(): void {}
  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    this.tokensAtMs.push(performance.now())
    done()
  }
  /** @param timeMs pipeline time. */
  snapshot(name: string, timeMs: number): void {
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

/** A reader whose process has been running for `runningMs`. */
async function delivering(runningMs: number) {
  const reader = createSnapshotReader(silentLog)
  const pipeline = new Pipeline()
  reader.attach(pipeline)
  vi.advanceTimersByTime(runningMs)
  reader.delivering()
  pipeline.token(runningMs)
  await settled()
  const originMs = pipeline.tokensAtMs[0]! - runningMs
  return { reader, pipeline, at: (ms: number) => ms - originMs }
}

test('old snapshots in the socket are skipped for one captured after the request', async () => {
  const { reader, pipeline, at } = await delivering(60_000)
  for (const age of [50_000, 49_967, 20, 5]) pipeline.snapshot(`${age} old`, at(performance.now() - age))
  const requestedAtMs = performance.now()
  const request = reader.next(requestedAtMs, never())
  await settled()
  pipeline.snapshot('new', at(requestedAtMs + 1))
  expect(nameOf(await request)).toBe('new')
})

test('the latest snapshot is returned if it is recent enough', async () => {
  const { reader, pipeline, at } = await delivering(60_000)
  pipeline.snapshot('far too old', at(performance.now() - 10_000))
  pipeline.snapshot('recent enough', at(performance.now() - 100))
  const snapshot = await reader.next(performance.now() - 300, never())
  expect(nameOf(snapshot)).toBe('recent enough')
  expect(performance.now() - snapshot.capturedAtMs).toBeGreaterThan(90)
  expect(await reader.next(performance.now() - 300, never())).toBe(snapshot)
})

test('all waiting requests get the same snapshot', async () => {
  const { reader, pipeline, at } = await delivering(0)
  const request = Array.from({ length: 100 }, async () => await reader.next(performance.now(), never()))
  pipeline.snapshot('shared', at(performance.now() + 10))
  const snapshots = await Promise.all(request)
  expect(new Set(snapshots).size).toBe(1)
})

test('the socket is read only while a snapshot is wanted', async () => {
  const { reader, pipeline, at } = await delivering(0)
  expect(pipeline.isPaused()).toBe(true)
  const gone = new AbortController()
  void reader.next(performance.now(), gone.signal)
  expect(pipeline.isPaused()).toBe(false)
  gone.abort()
  expect(pipeline.isPaused()).toBe(true)
  const following = reader.follow()
  expect(pipeline.isPaused()).toBe(false)
  pipeline.snapshot('seen', at(performance.now()))
  await settled()
  expect(pipeline.isPaused()).toBe(false)
  following[Symbol.dispose]()
  following[Symbol.dispose]()
  expect(pipeline.isPaused()).toBe(true)
})

test('no snapshot is returned before the pipeline clock is known', async () => {
  const reader = createSnapshotReader(silentLog)
  const pipeline = new Pipeline()
  reader.attach(pipeline)
  const seen = vi.fn()
  void reader.next(0, never()).then(seen)
  pipeline.snapshot('of unknown age', 1e9)
  await settled()
  expect(seen).not.toHaveBeenCalled()
})

test('a token that returns without a time, or with one from before the start, is sent again', async () => {
  const reader = createSnapshotReader(silentLog)
  const pipeline = new Pipeline()
  reader.attach(pipeline)
  vi.advanceTimersByTime(10)
  reader.delivering()
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

test('a request that waits while the process is replaced gets a snapshot of the next one', async () => {
  const { reader } = await delivering(60_000)
  const request = reader.next(performance.now(), never())
  const next = new Pipeline()
  reader.attach(next)
  vi.advanceTimersByTime(5)
  reader.delivering()
  next.token(1)
  next.snapshot('of the next process', 20)
  expect(nameOf(await request)).toBe('of the next process')
})

test('invalid data is reported once and no longer read', async () => {
  const warn = vi.fn()
  const reader = createSnapshotReader({ ...silentLog, warn })
  const pipeline = new Pipeline()
  reader.attach(pipeline)
  reader.delivering()
  pipeline.push(Buffer.alloc(1000, 0x41))
  pipeline.push(Buffer.alloc(1000, 0x41))
  await settled()
  expect(warn).toHaveBeenCalledTimes(1)
  expect(pipeline.isPaused()).toBe(true)
})

test('repeated requests leave no listeners on the signal', async () => {
  const { reader, pipeline, at } = await delivering(0)
  const controller = new AbortController()
  const add = vi.spyOn(controller.signal, 'addEventListener')
  const remove = vi.spyOn(controller.signal, 'removeEventListener')
  for (let i = 0; i < 20; i++) {
    const request = reader.next(performance.now(), controller.signal)
    pipeline.snapshot(`${i}`, at(performance.now() + 1))
    await request
  }
  expect(remove).toHaveBeenCalledTimes(add.mock.calls.length)
})
