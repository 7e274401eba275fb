import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

export interface RawRefusal {
  code: string
  message: string
  headers?: Record<string, string>
}

/**
 * Answers on a connection that Node's HTTP server has let go of, and closes it: left half open, it would keep the server
 * from closing.
 */
export function endWithResponse(stream: Duplex, status: number, refusal?: RawRefusal): void {
  const body = refusal === undefined ? '' : JSON.stringify({ error: refusal.code, message: refusal.message })
  const headers = Object.entries({
    ...refusal?.headers,
    ...(refusal && { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' }),
    Connection: 'close',
    'Content-Length': Buffer.byteLength(body),
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  const text = `HTTP/1.1 ${status} ${STATUS_CODES[status]!}\r\n${headers.join('')}\r\n${body}`
  stream.end(text, () => stream.destroy())
}
