import type { HttpBindings } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { AppError, noSuchCamera } from '../../errors.js'
import { CAMERA_PARAMETER } from '../../lib/camera-key.js'
import { clientAddress } from '../../lib/client-address.js'
import { queryValue } from '../../lib/query.js'
import { createNetworkCount } from '../../lib/network-count.js'
import { MJPEG_TYPE, mjpegBody } from './mjpeg.js'
import { timestampOf, type Snapshot } from './snapshot.js'

/** Why there is no snapshot. */
interface SnapshotFailure {
  cause: string
  message: string
  hint: string
}

/** All this file needs of a camera. */
export interface SnapshotCamera {
  readonly key: string
  capture(notBeforeMs: number): Promise<Snapshot | SnapshotFailure>
  captureFull(): Promise<Snapshot | SnapshotFailure>
  next(notBeforeMs: number, signal: AbortSignal): Promise<Snapshot>
  follow(): Disposable
}

/** The default of `max_delay`: the maximum age of a snapshot. */
const DEFAULT_MAX_DELAY_MS = 300
const LONGEST_MAX_DELAY_MS = 60_000
const RETRY_AFTER_S = 5
/** A snapshot at full size stops the video for a moment. */
const FULL_SIZE_INTERVAL_MS = 15_000
/** Snapshots being sent: one that the client does not read holds up to a megabyte until its connection times out. */
const MAX_SENDING_PER_NETWORK = 64
const MAX_SENDING = 128

const headers = { 'cache-control': 'no-store' }

/**
 * JPEG snapshots and MJPEG, also at the addresses of mjpg-streamer, camera-streamer and go2rtc. An address without a camera means the
 * first one.
 * @param cameras in the order of the configuration. @param maxStreams MJPEG readers per camera.
 */
export function snapshotRoutes(cameras: () => readonly SnapshotCamera[], maxStreams: () => number): Hono {
  const routes = new Hono()
  const streams = new Map<string, number>()
  const fullSizes = createFullSizes()

  const cameraNamed = (key: string | undefined): SnapshotCamera => {
    const camera = key === undefined ? cameras()[0] : cameras().find((one) => one.key === key)
    if (camera === undefined) throw noSuchCamera(key ?? 'camera1')
    return camera
  }

  const sending = createNetworkCount(() => ({ all: MAX_SENDING, perNetwork: MAX_SENDING_PER_NETWORK }))

  const snapshot = async (c: Context, key?: string): Promise<Response> => {
    const nowMs = performance.now()
    const camera = cameraNamed(key)
    const notBeforeMs = nowMs - maxDelayMsOf(c)
    const result = isFullSize(c) ? await fullSizes.capture(c, camera) : await camera.capture(notBeforeMs)
    if (result instanceof Response) return result
    if ('cause' in result) return noSnapshot(c, result)
    const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>
    const slot = sending.open(clientAddress(c.env))
    if (typeof slot === 'string') return tooManySnapshots(c)
    // A client that left while the picture was taken closes nothing any more.
    if (outgoing === undefined || outgoing.destroyed) slot[Symbol.dispose]()
    else outgoing.once('close', () => slot[Symbol.dispose]())
    return c.body(result.jpeg, 200, {
      ...headers,
      'content-type': 'image/jpeg',
      'content-length': String(result.jpeg.length),
      'x-timestamp': timestampOf(result.capturedAtMs),
    })
  }

  const stream = async (c: Context, key?: string): Promise<Response> => {
    const camera = cameraNamed(key)
    const readers = streams.get(camera.key) ?? 0
    if (readers >= maxStreams()) return full(c, camera.key, maxStreams())
    streams.set(camera.key, readers + 1)
    const leave = (): void => void streams.set(camera.key, streams.get(camera.key)! - 1)
    const first = await camera.capture(performance.now() - DEFAULT_MAX_DELAY_MS).catch((error: unknown) => {
      leave()
      throw error
    })
    const headersOfStream = { ...headers, 'content-type': MJPEG_TYPE }
    if ('cause' in first || c.req.method === 'HEAD') {
      leave()
      return 'cause' in first ? noSnapshot(c, first) : c.body(null, 200, headersOfStream)
    }
    // Snapshots may be far apart. The body detects readers that do not read.
    ;(c.env as Partial<HttpBindings> | undefined)?.outgoing?.socket?.setTimeout(0)
    const following = camera.follow()
    const next = async (notBeforeMs: number, signal: AbortSignal) => await camera.next(notBeforeMs, signal)
    const body = mjpegBody(first, next, () => {
      following[Symbol.dispose]()
      leave()
    })
    return c.body(body, 200, headersOfStream)
  }

  for (const address of ['/snapshot', '/snapshot.jpg']) {
    routes.get(address, async (c) => await snapshot(c))
    routes.get(`/${CAMERA_PARAMETER}${address}`, async (c) => await snapshot(c, c.req.param('camera')))
  }
  for (const address of ['/stream', '/stream.mjpg']) {
    routes.get(address, async (c) => await stream(c))
    routes.get(`/${CAMERA_PARAMETER}${address}`, async (c) => await stream(c, c.req.param('camera')))
  }
  routes.get('/api/frame.jpeg', async (c) => await snapshot(c, queryValue(c.req.url, 'src')))
  routes.get('/api/stream.mjpeg', async (c) => await stream(c, queryValue(c.req.url, 'src')))
  for (const address of ['/', '/webcam', '/webcam/', `/${CAMERA_PARAMETER}/`] as const) {
    routes.get(address, async (c, next) => {
      const action = queryValue(c.req.url, 'action')
      const key = c.req.param('camera' as never) as string | undefined
      if (action === 'snapshot') return await snapshot(c, key)
      if (action === 'stream') return await stream(c, key)
      return await next()
    })
  }
  return routes
}

function isFullSize(c: Context): boolean {
  const value = queryValue(c.req.url, 'size')
  if (value === undefined || value === 'full') return value !== undefined
  throw new AppError('bad-size', 400, `size is "${value.slice(0, 40)}" and can only be "full"`)
}

/** A client that may only watch must not stop the video of the others, and an administrator's page not all the time. */
function createFullSizes() {
  const running = new Set<string>()
  const nextMs = new Map<string, number>()
  return {
    async capture(c: Context, camera: SnapshotCamera): Promise<Snapshot | SnapshotFailure | Response> {
      if (c.get('role') === 'watch') {
        const message =
          'a snapshot at full size stops the video for a moment: it needs the password, not the token'
        return c.json({ error: 'read-only', message }, 403, headers)
      }
      // An image on a page of another origin is requested without Origin, and must not stop the video.
      if (!['same-origin', 'none', undefined].includes(c.req.header('sec-fetch-site'))) {
        const message =
          'pages of other origins may not request a snapshot at full size, which stops the video'
        return c.json({ error: 'origin-not-allowed', message }, 403, headers)
      }
      if (c.req.method === 'HEAD') return c.body(null, 405, { ...headers, allow: 'GET' })
      const { key } = camera
      if (running.has(key)) return await camera.captureFull() // shares the one that is being taken
      const waitMs = (nextMs.get(key) ?? -Infinity) - performance.now()
      if (waitMs > 0) {
        const message = `${key} took a snapshot at full size a moment ago; try again later`
        throw new AppError('full-size-too-soon', 429, message, Math.ceil(waitMs / 1000))
      }
      running.add(key)
      try {
        return await camera.captureFull()
      } finally {
        running.delete(key)
        nextMs.set(key, performance.now() + FULL_SIZE_INTERVAL_MS)
      }
    },
  }
}

function maxDelayMsOf(c: Context): number {
  const value = queryValue(c.req.url, 'max_delay')
  if (value === undefined) return DEFAULT_MAX_DELAY_MS
  const ms = /^\d{1,6}$/.test(value) ? Number(value) : Infinity
  if (ms <= LONGEST_MAX_DELAY_MS) return ms
  const range = `whole milliseconds from 0 (captured after the request) to ${LONGEST_MAX_DELAY_MS}`
  throw new AppError('bad-max-delay', 400, `max_delay is "${value.slice(0, 40)}" and has to be ${range}`)
}

/** 501 for a camera that never has snapshots. */
function noSnapshot(c: Context, { cause, message, hint }: SnapshotFailure): Response {
  const status = cause === 'sent-by-another-program' || cause === 'passed-through' ? 501 : 503
  if (status === 503) c.header('retry-after', String(RETRY_AFTER_S))
  return c.json({ error: 'no-picture', cause, message, hint }, status, headers)
}

function tooManySnapshots(c: Context): Response {
  const message = 'too many snapshots are being sent; read those, and try again later'
  return c.json({ error: 'too-many-snapshots', message }, 503, {
    ...headers,
    'retry-after': String(RETRY_AFTER_S),
  })
}

function full(c: Context, key: string, maxStreams: number): Response {
  const message = `${key} has its maximum of ${maxStreams} MJPEG readers; try again later`
  return c.json({ error: 'camera-full', message }, 503, { ...headers, 'retry-after': String(RETRY_AFTER_S) })
}
