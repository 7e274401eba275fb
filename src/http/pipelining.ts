import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** No browser sends a request before the one before it is answered, and few other clients do. */
const MAX_UNANSWERED = 4
/** RFC 1035 section 2.3.4 allows names of 253 characters; a port, brackets and a zone come on top. */
const MAX_HOST_CHARS = 300

/**
 * Keeps from a listener what would cost it much: Node parses all requests of a 64 kB read at once, 2,400 of them, and keeps
 * their answers for as long as nobody reads them (15 kB each, 31 kB for the page). A connection on which more than four requests
 * wait for their answers is closed.
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
    if (isOdd(request)) refuse(response)
    else listener(request, response)
  }
}

/** What an `on_headers_complete` of llhttp returns for a message behind which another protocol begins: the parser stops there. */
const STOP = 2

/**
 * A closed connection does not keep Node from parsing what it has read: 2,400 requests take 0.1 s although nobody answers them.
 * The member is none of its documented ones; without it that time is what is left to lose.
 */
function stopParsing(socket: Socket): void {
  const { parser } = socket as Socket & { parser?: { onIncoming?: unknown } | null }
  if (typeof parser?.onIncoming === 'function') parser.onIncoming = () => STOP
}

/**
 * The URL parser takes longer than linear time for long names of other alphabets. A request in absolute form is for a proxy,
 * which this is not (RFC 9112 section 3.2.2).
 */
const isOdd = ({ url = '/', headers }: IncomingMessage): boolean =>
  !url.startsWith('/') || (headers.host ?? '').length > MAX_HOST_CHARS

function refuse(response: ServerResponse): void {
  const message = `the request target has to be a path, and Host a name of at most ${MAX_HOST_CHARS} characters`
  response.writeHead(400, {
    'content-type': 'application/json',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  })
  response.end(JSON.stringify({ error: 'bad-request', message }))
}
