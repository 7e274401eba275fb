import { once } from 'node:events'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { openListener } from '../../../test/support/listener.js'
import type { SignallingSocket } from '../../signalling/websocket.js'
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

test('a real client that does not read holds the media back, and may still be sent text', async () => {
  vi.useRealTimers()
  let socket: SignallingSocket | undefined
  const listener = await openListener({ socketFor: () => (opened) => void (socket = opened) })
  const { socket: client, bytes } = await openBinaryClient(`ws://127.0.0.1:${listener.port}/any`)
  client.pause()
  const piece = Buffer.alloc(1024 * 1024, 7)
  let sent = 0
  // The kernel buffers some megabytes of a connection on this machine.
  while (socket!.unsentMediaBytes < 4 * piece.length) {
    socket!.sendMedia(piece)
    sent += piece.length
    await new Promise((resolve) => setImmediate(resolve))
  }
  const lagMs = socket!.mediaLagMs
  await vi.waitFor(() => expect(socket!.mediaLagMs).toBeGreaterThan(lagMs))
  socket!.send('{"camera":{}}')
  expect(client.readyState).toBe(client.OPEN)
  client.resume()
  await vi.waitFor(() => expect([socket!.unsentMediaBytes, socket!.mediaLagMs]).toEqual([0, 0]))
  await vi.waitFor(() => expect(bytes()).toBe(sent))
})

/** A client that counts what comes in binary messages. */
async function openBinaryClient(url: string): Promise<{ socket: WebSocket; bytes: () => number }> {
  const socket = new WebSocket(url)
  onTestFinished(() => socket.terminate())
  let bytes = 0
  socket.on('message', (data: Buffer, isBinary: boolean) => (bytes += isBinary ? data.length : 0))
  await once(socket, 'open')
  return { socket, bytes: () => bytes }
}
