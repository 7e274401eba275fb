import type { Context, MiddlewareHandler } from 'hono'
import { AppError, tooManyBytes, tooManyUnfinishedBytes } from '../errors.js'
import { createByteBudget, type ByteBudget } from '../lib/byte-budget.js'
import { clientAddress } from '../lib/client-address.js'
import type { RateLimit } from '../lib/rate-limit.js'

/** What every way to ask for a camera over HTTP has in common. */

const RETRY_AFTER_S = 5

/** A plain OPTIONS asks what may be asked here; a preflight was answered before it came this far. */
export const answersOptions: MiddlewareHandler = async (c, next) =>
  c.req.method === 'OPTIONS' ? c.body(null, 204) : await next()

/** 503 is a camera with all its viewers: by then one may have left. */
export const retryLater: MiddlewareHandler = async (c, next) => {
  await next()
  if (c.res.status === 503) c.header('retry-after', String(RETRY_AFTER_S))
}

declare module 'hono' {
  interface ContextVariableMap {
    /** Of a request whose route bounds it. */
    body: string
  }
}

/** What a client may send, and how often. */
export interface SignallingLimits {
  /** To be called before a session description is read, or one is made. @throws AppError `too-many-offers`. */
  readonly countOffer: (address: string) => void
  /** Asked for every request, for it may be set anew. */
  readonly maxBodyBytes: () => number
  /** The budget for bodies of which something is missing. */
  readonly unfinished: ByteBudget
  /** Of bytes that are to be parsed. */
  readonly rate: RateLimit
}

/** For who has nobody to fear: an offer of 64 kB in JSON, its line ends escaped, with room for what clients put beside it. */
export const noLimits: SignallingLimits = {
  countOffer: () => {},
  maxBodyBytes: () => 128 * 1024,
  unfinished: createByteBudget(() => ({ all: Infinity, perNetwork: Infinity })),
  rate: { consume: () => 0 },
}

/**
 * Reads the body, as `body` of the context.
 * @param most its size in bytes, where that is less than `maxBodyBytes`.
 * @throws AppError `body-too-large`, `too-many-unfinished-bytes` or `too-many-bytes`.
 */
export const boundedBody =
  (limits: SignallingLimits, most = Infinity): MiddlewareHandler =>
  async (c, next) => {
    c.set('body', await readBody(c, limits, Math.min(limits.maxBodyBytes(), most)))
    await next()
  }

async function readBody(
  c: Context,
  { unfinished, rate }: SignallingLimits,
  maxBytes: number,
): Promise<string> {
  const declaredBytes = Number(c.req.header('content-length') ?? NaN)
  if (declaredBytes > maxBytes) throw bodyTooLarge(maxBytes)
  const pieces: Uint8Array[] = []
  let bytes = 0
  using hold = unfinished.reserve(clientAddress(c.env))
  for await (const piece of (c.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += piece.length
    if (bytes > maxBytes) throw bodyTooLarge(maxBytes)
    if (bytes !== declaredBytes && !hold.set(bytes)) throw tooManyUnfinishedBytes()
    pieces.push(piece)
  }
  const waitMs = bytes === 0 ? 0 : rate.consume(clientAddress(c.env), bytes)
  if (waitMs > 0) throw tooManyBytes(waitMs)
  return new TextDecoder().decode(Buffer.concat(pieces))
}

const bodyTooLarge = (maxBytes: number): AppError =>
  new AppError('body-too-large', 413, `the body is longer than ${maxBytes} bytes`)

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
