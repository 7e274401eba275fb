import { AppError } from '../errors.js'

/** RFC 2326 section 7.1.1, and those of HTTP that fit. */
export const REASONS = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Large',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  461: 'Unsupported Transport',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'RTSP Version Not Supported',
  551: 'Option Not Supported',
} as const

export type Status = keyof typeof REASONS

/** An error response. */
export class RtspError extends Error {
  override name = 'RtspError'
  readonly status: Status
  readonly headers: Readonly<Record<string, string>>
  constructor(status: Status, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

/** RTSP has no status for too many requests. */
export function rtspErrorOf(error: unknown): RtspError {
  if (error instanceof RtspError) return error
  if (!(error instanceof AppError)) return new RtspError(500, 'internal error')
  const { status, message, retryAfterS } = error
  if (status === 404) return new RtspError(404, message)
  if (status === 429 || status === 503)
    return new RtspError(503, message, { 'Retry-After': String(retryAfterS ?? 5) })
  return new RtspError(400, message)
}
