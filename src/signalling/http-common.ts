import type { Context, MiddlewareHandler } from 'hono'
import { AppError, tooManyBytes, tooManyUnfinishedBytes } from '../errors.js'
import { createByteBudget, type ByteBudget } from '../lib/byte-budget.js'
import { clientAddress } from '../lib/client-address.js'
import type { RateLimit } from '../lib/rate-limit.js'

const RETRY_AFTER_S = 5

/** Answers OPTIONS with 204. CORS answers preflights before. */
export const answerOptions: MiddlewareHandler = async (c, next) =>
  c.req.method === 'OPTIONS' ? c.body(null, 204) : await next()

/** 503 means that all slots are in use; a viewer may leave until then. */
export const retryLater: MiddlewareHandler = async (c, next) => {
  await next()
  if (c.res.status === 503) c.header('retry-after', String(RETRY_AFTER_S))
}

declare module 'hono' {
  interface ContextVariableMap {
    /** The body of the request, set by `boundedBody`. */
    body: string
  }
}

/** Limits on requests of signalling. */
export interface SignallingLimits {
  /** Call it before parsing or creating a session description. @throws AppError `too-many-offers`. */
  readonly countOffer: (address: string) => void
  /** Read for every request, because a reload may change it. */
  readonly maxBodyBytes: () => number
  /** The budget for incomplete bodies. */
  readonly unfinished: ByteBudget
  /** Of bytes to parse. */
  readonly rate: RateLimit
}

/** For tests. The body limit fits an offer of 64 kB in JSON with escaped line ends. */
export const noLimits: SignallingLimits = {
  countOffer: () => {},
  maxBodyBytes: () => 128 * 1024,
  unfinished: createByteBudget(() => ({ all: Infinity, perNetwork: Infinity })),
  rate: { consume: () => 0 },
}

/**
 * Reads the body into `body` of the context.
 * @param maxBytes a limit below `maxBodyBytes`.
 * @throws AppError `body-too-large`, `too-many-unfinished-bytes` or `too-many-bytes`.
 */
export const boundedBody =
  (limits: SignallingLimits, maxBytes = Infinity): MiddlewareHandler =>
  async (c, next) => {
    c.set('body', await readBody(c, limits, Math.min(limits.maxBodyBytes(), maxBytes)))
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
  using reservation = unfinished.reserve(clientAddress(c.env))
  for await (const piece of (c.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += piece.length
    if (bytes > maxBytes) throw bodyTooLarge(maxBytes)
    if (bytes !== declaredBytes && !reservation.set(bytes)) throw tooManyUnfinishedBytes()
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
