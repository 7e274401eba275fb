import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchSocket } from '../../static/socket-watch.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function watch() {
  const [socket, open, onSilent] = [new EventTarget(), new AbortController(), vi.fn()]
  const watched = watchSocket(socket, open.signal, onSilent)
  return {
    ...watched,
    onSilent,
    close: () => open.abort(),
    receive: () => socket.dispatchEvent(new Event('message')),
  }
}

test('a socket without a message for three seconds after a request is silent, once', () => {
  const { expectMessage, onSilent } = watch()
  expectMessage()
  vi.advanceTimersByTime(2000)
  expectMessage() // does not start a second wait
  vi.advanceTimersByTime(999)
  expect(onSilent).not.toHaveBeenCalled()
  vi.advanceTimersByTime(10_000)
  expect(onSilent).toHaveBeenCalledOnce()
})

test('any message shows that the server is there, until the next request', () => {
  const { expectMessage, receive, onSilent } = watch()
  expectMessage()
  receive()
  vi.advanceTimersByTime(10_000)
  expect(onSilent).not.toHaveBeenCalled()
  expectMessage()
  vi.advanceTimersByTime(3000)
  expect(onSilent).toHaveBeenCalledOnce()
})

test('nothing is expected of a closed session', () => {
  const { expectMessage, close, onSilent } = watch()
  expectMessage()
  close()
  expectMessage()
  vi.advanceTimersByTime(10_000)
  expect(onSilent).not.toHaveBeenCalled()
})
