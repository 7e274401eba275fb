import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SlowReader, type ReadableSocket } from './slow-reader.js'

const INTERVAL_MS = 20
const OBSERVED_MS = 200
const ROOM_BYTES = 90 * 2304

/** A socket to which datagrams come while its events are on or off. */
class FakeSocket implements ReadableSocket {
  hasEvents = true
  waiting = 0
  datagrams = 0
  reads = 0
  startEvents = (): void => void (this.hasEvents = true)
  stopEvents = (): void => void (this.hasEvents = false)
  receiveBufferBytes = (): number => ROOM_BYTES

  arrive(count: number): void {
    if (this.hasEvents) this.datagrams += count
    else this.waiting += count
  }

  readWaiting(): number {
    this.reads++
    const read = this.waiting
    this.waiting = 0
    this.datagrams += read
    return read
  }
}

let socket: FakeSocket
let reader: SlowReader
beforeEach(() => {
  vi.useFakeTimers()
  socket = new FakeSocket()
  reader = new SlowReader(socket, { intervalMs: INTERVAL_MS, observedMs: OBSERVED_MS })
})
afterEach(() => void vi.useRealTimers())

/** @param perInterval datagrams. */
function pass(ms: number, perInterval: number): void {
  for (let passed = 0; passed < ms; passed += INTERVAL_MS) {
    socket.arrive(perInterval)
    vi.advanceTimersByTime(INTERVAL_MS)
  }
}

test('a camera that nobody watches is read at intervals, once it is known how much arrives', () => {
  reader.slowDown()
  pass(OBSERVED_MS / 2, 10)
  expect(socket.hasEvents).toBe(true)
  pass(OBSERVED_MS, 10)
  expect(socket.hasEvents).toBe(false)
  const before = socket.reads
  pass(10 * INTERVAL_MS, 10)
  expect(socket.reads - before).toBeGreaterThanOrEqual(9)
  expect(socket.datagrams + socket.waiting).toBe(
    10 * (OBSERVED_MS / 2 / INTERVAL_MS + OBSERVED_MS / INTERVAL_MS + 10),
  )
})

test('a viewer gets at once what waits, and then every datagram', () => {
  reader.slowDown()
  pass(2 * OBSERVED_MS, 10)
  socket.arrive(7)
  const { datagrams, waiting } = socket
  reader.wake()
  expect([socket.hasEvents, socket.waiting, socket.datagrams]).toEqual([true, 0, datagrams + waiting])
  expect(vi.getTimerCount()).toBe(0)
})

test('a stream whose keyframes fill a third of the receive buffer is not read slowly', () => {
  reader.slowDown()
  pass(OBSERVED_MS / 2, 10)
  pass(INTERVAL_MS, 31)
  pass(OBSERVED_MS, 10)
  expect([socket.hasEvents, vi.getTimerCount()]).toEqual([true, 0])
})

test('a stream that grows wakes the event loop again before the buffer is full', () => {
  reader.slowDown()
  pass(2 * OBSERVED_MS, 10)
  expect(socket.hasEvents).toBe(false)
  pass(2 * INTERVAL_MS, 61)
  expect([socket.hasEvents, vi.getTimerCount()]).toEqual([true, 0])
})

test('a camera that is switched off costs no wake-up', () => {
  reader.slowDown()
  pass(2 * OBSERVED_MS, 10)
  pass(40 * INTERVAL_MS, 0)
  expect([socket.hasEvents, vi.getTimerCount()]).toEqual([true, 0])
})

test('another sender is observed anew', () => {
  reader.slowDown()
  pass(2 * OBSERVED_MS, 10)
  reader.slowDown()
  expect(socket.hasEvents).toBe(true)
  pass(OBSERVED_MS / 2, 40)
  expect([socket.hasEvents, vi.getTimerCount()]).toEqual([true, 0])
})
