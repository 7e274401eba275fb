import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** An error that is answered outside of the routes. It closes the connection. */
export interface ErrorAnswer {
  status: number
  code: string
  message: string
  headers?: Record<string, string>
}

const bodyOf = ({ code, message }: ErrorAnswer): string => JSON.stringify({ error: code, message })

const headersOf = ({ headers }: ErrorAnswer): Record<string, string> => ({
  ...headers,
  'Content-Type': 'application/json',
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
})

/** For the adapter between Node and Hono. */
export const errorResponse = (error: ErrorAnswer): Response =>
  new Response(bodyOf(error), { status: error.status, headers: headersOf(error) })

/** For a request that is rejected before the adapter parses it. */
export const sendError = (response: ServerResponse, error: ErrorAnswer): void =>
  void response.writeHead(error.status, headersOf(error)).end(bodyOf(error))

/** For a connection that Node's HTTP server has released. A half-open connection would keep the server from closing. */
export function endWithError(stream: Duplex, error: ErrorAnswer): void {
  const body = bodyOf(error)
  const headers = Object.entries({ ...headersOf(error), 'Content-Length': Buffer.byteLength(body) })
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  stream.end(`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]!}\r\n${lines}\r\n${body}`, () =>
    stream.destroy(),
  )
}

/** 404 without a body, for an upgrade at an address without a WebSocket. */
export const endWithNotFound = (stream: Duplex): void =>
  void stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () =>
    stream.destroy(),
  )
