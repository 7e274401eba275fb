import { ServerResponse, type IncomingMessage, type Server } from 'node:http'
import { Server as TlsServer } from 'node:https'

/** Java's HTTP client sends `Upgrade: h2c` with every request, and Node then emits `upgrade` in place of `request`. */
export const isPlainRequest = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() !== 'websocket'

/** Of the first connection only (RFC 9110 section 7.6.1). */
const DROPPED = ['connection', 'upgrade', 'http2-settings']

/**
 * Ignores the upgrade and answers the request (RFC 9110 section 7.8): Node gets the connection once more, with a head that asks for
 * no upgrade, because it has not parsed the body. If the connection is still busy with the response to an earlier request, Node has
 * removed the request from its queue; the connection is closed.
 */
export function answerWithoutUpgrade(server: Server, request: IncomingMessage, head: Buffer): void {
  const { socket, method = '', url = '', rawHeaders } = request
  if (isBusy(request)) return void socket.destroy()
  const lines = rawHeaders.flatMap((name, i) =>
    i % 2 === 1 || DROPPED.includes(name.toLowerCase()) ? [] : [`${name}: ${rawHeaders[i + 1]!}\r\n`],
  )
  socket.unshift(head)
  // Node hands over a character for each byte.
  socket.unshift(
    Buffer.from(`${method} ${url} HTTP/1.1\r\n${lines.join('')}Connection: close\r\n\r\n`, 'latin1'),
  )
  server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', socket)
}

function isBusy(request: IncomingMessage): boolean {
  const response = new ServerResponse(request)
  try {
    response.assignSocket(request.socket)
    response.detachSocket(request.socket)
    return false
  } catch {
    return true
  }
}
