import type { WebSocket, WebSocketServer } from 'ws'
import { POLICY_VIOLATION } from '../../signalling/websocket.js'

/** Detects clients that disappeared without closing. */
const PING_INTERVAL_MS = 15_000

const answered = new WeakSet<WebSocket>()

/** Pings every client at intervals, and terminates those that did not answer the last ping. */
export function startPings(server: WebSocketServer): Disposable {
  const interval = setInterval(() => {
    for (const socket of server.clients) {
      if (answered.delete(socket)) socket.ping()
      else socket.terminate()
    }
  }, PING_INTERVAL_MS)
  return { [Symbol.dispose]: () => clearInterval(interval) }
}

/** Has a new socket pinged from now on. */
export function expectPongs(socket: WebSocket): void {
  answered.add(socket)
  socket.on('pong', () => answered.add(socket))
}

/** Closes a socket whose client sends no message for this time after opening. */
export function closeIfSilent(socket: WebSocket, limitMs: number): void {
  const timeout = setTimeout(
    () => socket.close(POLICY_VIOLATION, `no message for ${limitMs / 1000} seconds`),
    limitMs,
  )
  const cancel = (): void => clearTimeout(timeout)
  socket.once('message', cancel)
  socket.once('close', cancel)
}
