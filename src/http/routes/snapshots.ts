import type { HttpBindings } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { AppError, noSuchCamera } from '../../errors.js'
import { CAMERA_PARAMETER } from '../../lib/camera-key.js'
import { clientAddress } from '../../lib/client-address.js'
import { queryValue } from '../../lib/query.js'
import { createNetworkCount } from '../../lib/network-count.js'
import { MJPEG_TYPE, mjpegBody } from './mjpeg.js'
import { timestampOf } from './snapshot.js'
import type { Snapshot } from './snapshot.js'

/** Why there is no picture. */
interface Trouble {
  cause: string
  message: string
  hint: string
}

/** All this file needs of a camera. */
export interface SnapshotCamera {
  readonly key: string
  capture(notBeforeMs: number): Promise<Snapshot | Trouble>
  next(notBeforeMs: number, over: AbortSignal): Promise<Snapshot>
  follow(): Disposable
}

/** Milliseconds: what a picture's age may be where the request does not say. */
const DEFAULT_MAX_DELAY_MS = 300
const GREATEST_MAX_DELAY_MS = 60_000
const RETRY_AFTER_S = 5
/** Snapshots that are being sent: one that nobody takes is up to a megabyte of memory, until its connection is let go. */
const MOST_SENDING_PER_NETWORK = 64
const MOST_SENDING = 128

const headers = { 'cache-control': 'no-store' }

/**
 * Pictures over plain HTTP, one (`snapshot.jpg`) or one after the other (`stream.mjpg`), also at the addresses that
 * mjpg-streamer, camera-streamer and go2rtc answer. An address without a camera is the first one's.
 * @param cameras in the order of the configuration. @param maxStreams MJPEG readers of one camera at the same time.
 */
export function snapshotRoutes(cameras: () => readonly SnapshotCamera[], maxStreams: () => number): Hono {
  const routes = new Hono()
  const streams = new Map<string, number>()

  const named = (key: string | undefined): SnapshotCamera => {
    const camera = key === undefined ? cameras()[0] : cameras().find((one) => one.key === key)
    if (camera === undefined) throw noSuchCamera(key ?? 'camera1')
    return camera
  }

  const sending = createNetworkCount(() => ({ all: MOST_SENDING, perNetwork: MOST_SENDING_PER_NETWORK }))

  const snapshot = async (c: Context, key?: string): Promise<Response> => {
    const nowMs = performance.now()
    const picture = await named(key).capture(nowMs - maxDelayMsOf(c))
    if ('cause' in picture) return refuse(c, picture)
    const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>
    const place = sending.open(clientAddress(c.env))
    if (typeof place === 'string') return tooManySnapshots(c)
    if (outgoing === undefined) place[Symbol.dispose]()
    else outgoing.once('close', () => place[Symbol.dispose]())
    return c.body(picture.jpeg, 200, {
      ...headers,
      'content-type': 'image/jpeg',
      'content-length': String(picture.jpeg.length),
      'x-timestamp': timestampOf(picture.capturedAtMs),
    })
  }

  const stream = async (c: Context, key?: string): Promise<Response> => {
    const camera = named(key)
    const taken = streams.get(camera.key) ?? 0
    if (taken >= maxStreams()) return full(c, camera.key, maxStreams())
    streams.set(camera.key, taken + 1)
    const leave = (): void => void streams.set(camera.key, streams.get(camera.key)! - 1)
    const first = await camera.capture(performance.now() - DEFAULT_MAX_DELAY_MS).catch((error: unknown) => {
      leave()
      throw error
    })
    const about = { ...headers, 'content-type': MJPEG_TYPE }
    if ('cause' in first || c.req.method === 'HEAD') {
      leave()
      return 'cause' in first ? refuse(c, first) : c.body(null, 200, about)
    }
    // Between two pictures any time may pass; a reader who takes none is found out by the body itself.
    ;(c.env as Partial<HttpBindings> | undefined)?.outgoing?.socket?.setTimeout(0)
    const following = camera.follow()
    const next = async (notBeforeMs: number, over: AbortSignal) => await camera.next(notBeforeMs, over)
    const body = mjpegBody(first, next, () => {
      following[Symbol.dispose]()
      leave()
    })
    return c.body(body, 200, about)
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

function maxDelayMsOf(c: Context): number {
  const written = queryValue(c.req.url, 'max_delay')
  if (written === undefined) return DEFAULT_MAX_DELAY_MS
  const ms = /^\d{1,6}$/.test(written) ? Number(written) : Infinity
  if (ms <= GREATEST_MAX_DELAY_MS) return ms
  const range = `whole milliseconds from 0 (captured after the request) to ${GREATEST_MAX_DELAY_MS}`
  throw new AppError('bad-max-delay', 400, `max_delay is "${written.slice(0, 40)}" and has to be ${range}`)
}

/** 501 where it will never be otherwise. */
function refuse(c: Context, { cause, message, hint }: Trouble): Response {
  const status = cause === 'sent-by-another-program' ? 501 : 503
  if (status === 503) c.header('retry-after', String(RETRY_AFTER_S))
  return c.json({ error: 'no-picture', cause, message, hint }, status, headers)
}

function tooManySnapshots(c: Context): Response {
  const message = 'too many snapshots are being sent; take those, and try again later'
  return c.json({ error: 'too-many-snapshots', message }, 503, {
    ...headers,
    'retry-after': String(RETRY_AFTER_S),
  })
}

function full(c: Context, key: string, maxStreams: number): Response {
  const message = `${key} has its maximum of ${maxStreams} MJPEG readers; try again later`
  return c.json({ error: 'camera-full', message }, 503, { ...headers, 'retry-after': String(RETRY_AFTER_S) })
}
