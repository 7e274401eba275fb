import { RtspError } from './rtsp-error.js'

export interface RtspRequest {
  method: string
  uri: string
  /** Names in lower case. Of a repeated header the first value counts. */
  headers: ReadonlyMap<string, string>
  /** Undefined if it is missing or no number. */
  sequence: string | undefined
  /** Of the body, which has no meaning here. */
  bodyBytes: number
}

const MAX_HEADERS = 64
const MAX_URI_CHARS = 2048
const MAX_BODY_BYTES = 4096
const HEADER = /^([\w-]{1,64})[ \t]*:(.*)$/s

/** Parses a request without its body (RFC 2326 section 6). @param head without the empty line. @throws RtspError */
export function parseRequest(head: string): RtspRequest {
  const [requestLine = '', ...lines] = head.split('\r\n', MAX_HEADERS + 2)
  const [, method = '', uri = '', version = ''] =
    /^([A-Z_]{1,20}) (\S+) RTSP\/(\d\.\d)$/.exec(requestLine) ?? []
  if (method === '') throw new RtspError(400, 'this port speaks RTSP/1.0')
  if (version !== '1.0') throw new RtspError(505, 'this port speaks RTSP/1.0')
  if (uri.length > MAX_URI_CHARS)
    throw new RtspError(414, `an address has at most ${MAX_URI_CHARS} characters`)
  if (lines.length > MAX_HEADERS) throw new RtspError(400, `a request has at most ${MAX_HEADERS} headers`)
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, value] = HEADER.exec(line) ?? []
    if (name === undefined || value === undefined) throw new RtspError(400, 'a header is malformed')
    const key = name.toLowerCase()
    if (!headers.has(key)) headers.set(key, value.trim())
  }
  const sequence = headers.get('cseq')
  return {
    method,
    uri,
    headers,
    sequence: /^\d{1,10}$/.test(sequence ?? '') ? sequence : undefined,
    bodyBytes: bodyBytesOf(headers.get('content-length')),
  }
}

function bodyBytesOf(length: string | undefined): number {
  if (length === undefined) return 0
  if (!/^\d{1,10}$/.test(length)) throw new RtspError(400, 'Content-Length is no number')
  if (Number(length) > MAX_BODY_BYTES) throw new RtspError(413, `a body has at most ${MAX_BODY_BYTES} bytes`)
  return Number(length)
}
