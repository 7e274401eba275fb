import { ServerResponse, type IncomingMessage, type Server } from 'node:http'

/** Java's HTTP client sends `Upgrade: h2c` with every request, and Node then emits `upgrade` in place of `request`. */
export const isPlainRequest = ({ method, headers }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') && headers.upgrade?.toLowerCase() !== 'websocket'

/**
 * Ignores the upgrade and answers the request (RFC 9110 section 7.8). If the connection is still busy with the response to an earlier
 * request, assignSocket() throws, because Node has removed the request from its queue; the connection is closed.
 */
export function answerWithoutUpgrade(server: Server, request: IncomingMessage): void {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  try {
    response.assignSocket(request.socket)
  } catch {
    request.socket.destroy()
    return
  }
  // On an upgrade Node removes its own listeners, and with them the timeout for a client that does not read.
  const { socket } = request
  socket.setTimeout(server.timeout, () => socket.destroy())
  socket.on('drain', () => response.emit('drain'))
  response.once('finish', () => socket.end(() => socket.destroy()))
  server.emit('request', request, response)
}
