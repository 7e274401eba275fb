import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { AppError, noSuchViewer } from '../errors.js'

const MAX_BODY_BYTES = 64 * 1024
const RETRY_AFTER_S = 5

/** All this file needs of viewers. */
export interface WhepViewers {
  admit(camera: string, offerSdp: string, via: 'whep'): { id: string; answerSdp: string }
  find(camera: string, id: string): { dismiss(): Promise<void> } | undefined
}

/** WHEP (draft-ietf-wish-whep, RFC 9725 for the client's half): an offer in, an answer out, DELETE ends the session. */
export function whepRoutes(viewers: WhepViewers): Hono {
  const routes = new Hono()
  routes.post(
    '/:camera/whep',
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => refuse('offer-too-large', 413, `the offer is longer than ${MAX_BODY_BYTES} bytes`),
    }),
    async (c) => {
      const type = (c.req.header('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
      if (type !== 'application/sdp')
        return refuse('unsupported-media-type', 415, 'the offer has to be sent as application/sdp')
      const camera = c.req.param('camera')
      try {
        const { id, answerSdp } = viewers.admit(camera, await c.req.text(), 'whep')
        // Relative to the request, so that it is right behind any proxy.
        return c.body(answerSdp, 201, {
          'content-type': 'application/sdp',
          location: `/${camera}/whep/${id}`,
        })
      } catch (error) {
        if (error instanceof AppError && error.code === 'camera-full')
          c.header('retry-after', String(RETRY_AFTER_S))
        throw error
      }
    },
  )
  routes.delete('/:camera/whep/:id', async (c) => {
    const viewer = viewers.find(c.req.param('camera'), c.req.param('id'))
    if (viewer === undefined) throw noSuchViewer()
    await viewer.dismiss()
    return c.json({ status: 'ok' })
  })
  routes.all('/:camera/whep', (c) => {
    c.header('allow', 'OPTIONS, POST')
    return refuse('method-not-allowed', 405, 'this address takes POST with an SDP offer')
  })
  routes.all('/:camera/whep/:id', (c) => {
    c.header('allow', 'OPTIONS, DELETE')
    return refuse('method-not-allowed', 405, 'a session takes DELETE')
  })
  return routes
}

function refuse(code: string, status: AppError['status'], message: string): never {
  throw new AppError(code, status, message)
}
