import type { IncomingMessage, RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { sendError } from './error-response.js'

/** Browsers do not pipeline requests, and few other clients do. */
const MAX_UNANSWERED = 4
/** RFC 1035 section 2.3.4 allows names of 253 characters; the rest is for a port, brackets and a zone. */
const MAX_HOST_CHARS = 300

/**
 * Closes a connection with more than four unanswered requests, and rejects requests that are expensive to parse. Node parses all
 * requests of a 64 kB read at once, 2,400 of them, and keeps each response until the client reads it: 15 kB each, 31 kB for the page.
 */
export function limitRequests(listener: RequestListener): RequestListener {
  const unanswered = new WeakMap<Socket, number>()
  return (request, response) => {
    const { socket } = request
    const waiting = (unanswered.get(socket) ?? 0) + 1
    unanswered.set(socket, waiting)
    if (waiting > MAX_UNANSWERED) {
      stopParsing(socket)
      socket.destroy()
      return
    }
    response.once('close', () => unanswered.set(socket, unanswered.get(socket)! - 1))
    if (isExpensive(request)) sendError(response, badTarget)
    else listener(request, response)
  }
}

/** llhttp stops if `on_headers_complete` returns this value, which means that another protocol follows. */
const STOP = 2

/**
 * Node parses the rest of a read even if the connection is closed: 2,400 requests take 0.1 s. The member is undocumented; without it
 * only that time is lost.
 */
function stopParsing(socket: Socket): void {
  const { parser } = socket as Socket & { parser?: { onIncoming?: unknown } | null }
  if (typeof parser?.onIncoming === 'function') parser.onIncoming = () => STOP
}

/**
 * The URL parser needs more than linear time for long names in other alphabets. The absolute form is for proxies (RFC 9112 section
 * 3.2.2).
 */
const isExpensive = ({ url = '/', headers }: IncomingMessage): boolean =>
  !url.startsWith('/') || (headers.host ?? '').length > MAX_HOST_CHARS

const badTarget = {
  status: 400,
  code: 'bad-request',
  message: `the request target has to be a path, and Host a name of at most ${MAX_HOST_CHARS} characters`,
}
