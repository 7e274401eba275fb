import { expect, onTestFinished, test, vi } from 'vitest'
import { TcpBacklog } from './tcp-backlog.js'

/** A path whose probes are answered by hand, the oldest first. */
function path() {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const probes: PromiseWithResolvers<void>[] = []
  let sent = 0
  const backlog = new TcpBacklog(async () => {
    sent++
    probes.push(withResolvers())
    await probes.at(-1)!.promise
  })
  const settle = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve))
  return {
    sent: () => sent,
    hasRoom: () => backlog.hasRoom(performance.now()),
    after: (ms: number) => void vi.advanceTimersByTime(ms),
    answer: async () => (probes.shift()!.resolve(), await settle()),
    fail: async () => (probes.shift()!.reject(new Error('timeout')), await settle()),
  }
}

interface PromiseWithResolvers<T> {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (error: Error) => void
}

function withResolvers(): PromiseWithResolvers<void> {
  let resolve = (): void => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<void>((onResolve, onReject) => ([resolve, reject] = [onResolve, onReject]))
  return { promise, resolve, reject }
}

test('a path has room until a probe is 250 ms longer on its way than the fastest one', async () => {
  const { hasRoom, after, answer } = path()
  expect(hasRoom()).toBe(true)
  after(40)
  await answer()
  after(100)
  expect(hasRoom()).toBe(true)
  after(290)
  expect(hasRoom()).toBe(true)
  after(1)
  expect(hasRoom()).toBe(false)
  await answer()
  expect(hasRoom()).toBe(true)
})

test('probes are sent at most every 100 ms, only with packets, and none while there is no room', () => {
  const { hasRoom, sent, after } = path()
  for (let i = 0; i < 10; i++) {
    hasRoom()
    after(20)
  }
  expect(sent()).toBe(2)
  after(5000)
  for (let i = 0; i < 10; i++) {
    expect(hasRoom()).toBe(false)
    after(100)
  }
  expect(sent()).toBe(2)
})

test('before the first answer a path may have a round trip of half a second', () => {
  const { hasRoom, after } = path()
  hasRoom()
  after(750)
  expect(hasRoom()).toBe(true)
  after(1)
  expect(hasRoom()).toBe(false)
})

test('a probe without an answer is forgotten when its time is over', async () => {
  const { hasRoom, after, fail } = path()
  hasRoom()
  after(30_000)
  expect(hasRoom()).toBe(false)
  await fail()
  expect(hasRoom()).toBe(true)
})
