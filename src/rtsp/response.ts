import { REASONS, type RtspError, type Status } from './rtsp-error.js'

export interface RtspResponse {
  status: Status
  /** A list is several headers of this name. */
  headers?: Readonly<Record<string, string | readonly string[]>>
  body?: string
  /** Closes the connection behind the response. */
  closes?: boolean
  /** Called when the response has been written. */
  afterwards?: () => void
}

export const OK: RtspResponse = { status: 200 }

export function writeResponse({ status, headers = {}, body = '' }: RtspResponse, sequence?: string): Buffer {
  const lines = [
    `RTSP/1.0 ${status} ${REASONS[status]}`,
    ...(sequence === undefined ? [] : [`CSeq: ${sequence}`]),
    'Server: rpi-webrtc',
    ...Object.entries(headers).flatMap(([name, values]) =>
      [values].flat().map((value) => `${name}: ${value}`),
    ),
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

/** With the sentence as its body, for people who look for the reason. */
export const errorResponse = ({ status, message, headers }: RtspError): RtspResponse => ({
  status,
  headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' },
  body: `${message}\n`,
})
