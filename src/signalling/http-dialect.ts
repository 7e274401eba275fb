import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { AppError } from '../errors.js'

/** What every way to ask for a camera over HTTP has in common. */

/** An offer of 64 kB in JSON, its line ends escaped, with room for what clients put beside it. */
const MAX_BODY_BYTES = 128 * 1024
const RETRY_AFTER_S = 5

/** A plain OPTIONS asks what may be asked here; a preflight was answered before it came this far. */
export const answersOptions: MiddlewareHandler = async (c, next) =>
  c.req.method === 'OPTIONS' ? c.body(null, 204) : await next()

/** 503 is a camera with all its viewers: by then one may have left. */
export const retryLater: MiddlewareHandler = async (c, next) => {
  await next()
  if (c.res.status === 503) c.header('retry-after', String(RETRY_AFTER_S))
}

export const boundedBody = (maxSize = MAX_BODY_BYTES): MiddlewareHandler =>
  bodyLimit({
    maxSize,
    onError: () => refuse('body-too-large', 413, `the body is longer than ${maxSize} bytes`),
  })

export const contentTypeOf = (c: Context): string =>
  (c.req.header('content-type') ?? '').split(';')[0]!.trim().toLowerCase()

/** Answers every method that has no route with 405 (RFC 9110 section 15.5.6). */
export const onlyAllows =
  (methods: string, sentence: string) =>
  (c: Context): never => {
    c.header('allow', methods)
    return refuse('method-not-allowed', 405, sentence)
  }

export function refuse(code: string, status: AppError['status'], message: string): never {
  throw new AppError(code, status, message)
}

/** A STUN server as the `Link` of RFC 9725 section 4.4 has it. */
export const iceServerLink = (stunServer: string): string => `<${stunServer}>; rel="ice-server"`

/** A STUN server as RTCPeerConnection takes it. */
export const iceServers = (stunServer: string | undefined): { urls: string }[] =>
  stunServer === undefined ? [] : [{ urls: stunServer }]
