import { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Limits } from '../../config/limits.js'
import { endWithError, type ErrorAnswer } from './error-response.js'

/** RFC 8446 section 5.1: a TLS connection begins with a record of the type handshake. */
const TLS_HANDSHAKE = 0x16
const END_OF_HEADERS = '\r\n\r\n'
const REQUEST_LINE = /^[A-Z]{1,20} (\/[!-~]*) HTTP\/1\.[01]$/
/** What a name, an address and a port consist of (RFC 3986 section 3.2). */
const HOST = /^(?:[\w.-]{1,253}|\[[\da-fA-F:.]{2,45}\])(?::\d{1,5})?$/

/**
 * Redirects plain HTTP on a TLS port to https: browsers use http for an address that is typed without a scheme. Decides by the first byte
 * of a connection; TLS connections go on as before.
 */
export function redirectPlainHttp(server: TlsServer, limits: () => Limits): void {
  const listeners = server.listeners('connection') as ((socket: Socket) => void)[]
  server.removeAllListeners('connection')
  const acceptTls = (socket: Socket): void => {
    for (const listener of listeners) listener.call(server, socket)
  }
  server.on('connection', (socket: Socket) => {
    const { headerTimeoutMs, maxHeaderBytes } = limits()
    const close = (): void => void socket.destroy()
    const timeout = setTimeout(close, headerTimeoutMs)
    let received = Buffer.alloc(0)
    const release = (): void => {
      clearTimeout(timeout)
      socket.off('readable', read).off('end', close).off('error', close)
    }
    const read = (): void => {
      const chunk = socket.read() as Buffer | null
      if (chunk === null) return
      if (received.length === 0 && chunk[0] === TLS_HANDSHAKE) {
        release()
        socket.unshift(chunk)
        return acceptTls(socket) // TLSSocket reads what is in the buffer first
      }
      if (received.length === 0 && !isLetter(chunk[0]!)) return close()
      // Only the end of what is known already can be part of the mark.
      const from = Math.max(0, received.length - END_OF_HEADERS.length)
      received = Buffer.concat([received, chunk])
      const end = received.indexOf(END_OF_HEADERS, from)
      if (end === -1 && received.length <= maxHeaderBytes) return
      release()
      socket.on('error', close)
      socket.setTimeout(headerTimeoutMs, close) // a client that does not read the answer
      socket.resume()
      endWithError(
        socket,
        end === -1 ? tooLarge(maxHeaderBytes) : answerTo(received.toString('latin1', 0, end)),
      )
    }
    socket.on('readable', read).on('end', close).on('error', close)
    socket.once('close', release)
  })
}

const isLetter = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a

/** @param head the request line and the headers. */
function answerTo(head: string): ErrorAnswer {
  const [requestLine = '', ...headers] = head.split('\r\n')
  const path = REQUEST_LINE.exec(requestLine)?.[1]
  const hosts = headers.flatMap((line) => /^host:[ \t]*(.*?)[ \t]*$/i.exec(line)?.slice(1) ?? [])
  const [host = ''] = hosts
  if (path === undefined || hosts.length !== 1 || !HOST.test(host)) return badRequest
  return {
    status: 308,
    code: 'https-only',
    message: `this port uses https: open https://${host}/`,
    // Not stored: a browser would still use https after the certificate was removed from the configuration.
    headers: { Location: `https://${host}${path}`, 'Cache-Control': 'no-store' },
  }
}

const badRequest: ErrorAnswer = {
  status: 400,
  code: 'bad-request',
  message: 'this port uses https, and the request has no valid Host to be redirected to',
}

const tooLarge = (bytes: number): ErrorAnswer => ({
  status: 431,
  code: 'headers-too-large',
  message: `the headers are longer than ${bytes} bytes`,
})
