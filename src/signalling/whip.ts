import { Hono, type Context } from 'hono'
import { noSuchPublisher } from '../errors.js'
import { clientAddress } from '../lib/client-address.js'
import { reachedAddressesOf } from '../lib/reached-addresses.js'
import { rootFrom } from '../lib/relative-path.js'
import { answerOptions, boundedBody, noLimits, onlyAllows, type SignallingLimits } from './http-common.js'
import { iceServerLink, type IceServer } from './ice-servers.js'
import { checkOfferBody, entityTag, patchSession, SDP, SDP_FRAGMENT, type PatchedSession } from './whep.js'
import { MAX_FRAGMENT_BYTES, MAX_SDP_CHARS } from './wire-limits.js'

/** All this file needs of a session. */
export interface WhipSession extends PatchedSession {
  readonly id: string
  readonly answerSdp: string
  dismiss(): Promise<void>
}

/** All this file needs of publishers. */
export interface WhipPublishers {
  publish(camera: string, offerSdp: string, address: string, reachedAt: readonly string[]): WhipSession
  find(camera: string, id: string): WhipSession | undefined
}

/**
 * WHIP (RFC 9725): a client publishes to a camera.
 * @param iceServers for `Link` headers (section 4.6).
 */
export function whipRoutes(
  publishers: WhipPublishers,
  iceServers: () => IceServer[],
  limits: SignallingLimits = noLimits,
): Hono {
  const routes = new Hono()
  const sessionAt = (c: Context<object, '/:camera/whip/:id'>): WhipSession => {
    const session = publishers.find(c.req.param('camera'), c.req.param('id'))
    if (session !== undefined) return session
    throw noSuchPublisher()
  }
  routes.use('/:camera/whip/*', async (c, next) => {
    if (['OPTIONS', 'POST'].includes(c.req.method))
      for (const server of iceServers()) c.header('link', iceServerLink(server), { append: true })
    if (c.req.method === 'OPTIONS') {
      c.header('accept-post', SDP)
      c.header('accept-patch', SDP_FRAGMENT)
    }
    await next()
  })
  routes.use('/:camera/whip/*', answerOptions)
  routes.use('/:camera/whip', boundedBody(limits, MAX_SDP_CHARS))
  routes.use('/:camera/whip/:id', boundedBody(limits, MAX_FRAGMENT_BYTES))

  routes.post('/:camera/whip', (c) => {
    checkOfferBody(c)
    const address = clientAddress(c.env)
    limits.countOffer(address)
    const camera = c.req.param('camera')
    const session = publishers.publish(camera, c.get('body'), address, reachedAddressesOf(c.env))
    return c.body(session.answerSdp, 201, {
      'content-type': SDP,
      location: `${rootFrom(c.req.url)}${camera}/whip/${session.id}`,
      etag: entityTag(session),
      'accept-patch': SDP_FRAGMENT,
    })
  })
  routes.patch('/:camera/whip/:id', (c) => patchSession(c, sessionAt(c)))
  routes.delete('/:camera/whip/:id', async (c) => {
    await sessionAt(c).dismiss()
    return c.body(null, 204)
  })
  routes.all('/:camera/whip', onlyAllows('OPTIONS, POST', 'this address accepts POST with an SDP offer'))
  routes.all('/:camera/whip/:id', onlyAllows('OPTIONS, PATCH, DELETE', 'a session accepts PATCH and DELETE'))
  return routes
}
