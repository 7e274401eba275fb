import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createMediaQueue } from './media-queue.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A WebSocket whose kernel accepts one message for each `accept()`. */
function slowSocket() {
  const waiting: (() => void)[] = []
  const socket = {
    OPEN: 1,
    readyState: 1,
    send: vi.fn((_bytes: Uint8Array, _options: object, sent: () => void) => void waiting.push(sent)),
  }
  const queue = createMediaQueue(socket)
  return { socket, queue, accept: () => waiting.shift()?.() }
}

test('it knows how much waits, and for how long', () => {
  const { queue, accept } = slowSocket()
  expect([queue.unsentBytes, queue.lagMs]).toEqual([0, 0])
  queue.send(Buffer.alloc(100))
  vi.advanceTimersByTime(300)
  queue.send(Buffer.alloc(20))
  vi.advanceTimersByTime(200)
  expect([queue.unsentBytes, queue.lagMs]).toEqual([120, 500])
  accept()
  expect([queue.unsentBytes, queue.lagMs]).toEqual([20, 200])
  accept()
  expect([queue.unsentBytes, queue.lagMs]).toEqual([0, 0])
})

test('nothing is sent to a closed socket', () => {
  const { queue, socket } = slowSocket()
  socket.readyState = 3
  queue.send(Buffer.alloc(100))
  expect(socket.send).not.toHaveBeenCalled()
  expect(queue.unsentBytes).toBe(0)
})
