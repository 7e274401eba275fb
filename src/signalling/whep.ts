import type { AboutClient } from './about-client.js'
import { Hono, type Context } from 'hono'
import { couldNotConnect, noSuchViewer } from '../errors.js'
import { clientAddress } from '../lib/client-address.js'
import { reachedAddressesOf } from '../lib/reached-addresses.js'
import { rootFrom } from '../lib/relative-path.js'
import {
  boundedBody,
  contentTypeOf,
  noLimits,
  onlyAllows,
  answerOptions,
  refuse,
  retryLater,
  type SignallingLimits,
} from './http-common.js'
import { iceServerLink, type IceServer } from './ice-servers.js'
import { isQuality, QUALITIES, type Quality } from './quality.js'
import { parseSdpFragment } from './sdp-fragment.js'
import { MAX_FRAGMENT_BYTES, MAX_SDP_CHARS, TAB_ID } from './wire-limits.js'

export const SDP = 'application/sdp'
export const SDP_FRAGMENT = 'application/trickle-ice-sdpfrag'

/** A session to which candidates are added. */
export interface PatchedSession {
  readonly clientUfrag: string | undefined
  addCandidate(line: string): void
}

/** All this file needs of a session. */
export interface WhepSession extends PatchedSession {
  dismiss(): Promise<void>
}

export interface WhepAnswer {
  readonly id: string
  readonly answerSdp: string
  readonly clientUfrag: string | undefined
}

/** All this file needs of viewers. */
export interface WhepViewers {
  admit(camera: string, offerSdp: string, via: 'whep', address: string, about: AboutClient): WhepAnswer
  find(camera: string, id: string): WhepSession | undefined
  /** Why sessions that have ended did not connect. */
  readonly failures?: { of(id: string): { message: string; hint: string } | undefined }
}

/**
 * WHEP (draft-ietf-wish-whep, based on RFC 9725).
 * @param iceServers for `Link` headers (RFC 9725 section 4.6).
 */
export function whepRoutes(
  viewers: WhepViewers,
  iceServers: () => IceServer[],
  limits: SignallingLimits = noLimits,
): Hono {
  const routes = new Hono()
  const sessionAt = (camera: string, id: string): WhepSession => {
    const session = viewers.find(camera, id)
    if (session !== undefined) return session
    const failure = viewers.failures?.of(id)
    throw failure === undefined ? noSuchViewer() : couldNotConnect(failure)
  }
  routes.use('/:camera/whep/*', async (c, next) => {
    if (['OPTIONS', 'POST'].includes(c.req.method))
      for (const server of iceServers()) c.header('link', iceServerLink(server), { append: true })
    if (c.req.method === 'OPTIONS') {
      c.header('accept-post', SDP)
      c.header('accept-patch', SDP_FRAGMENT)
    }
    await next()
  })
  routes.use('/:camera/whep/*', answerOptions, retryLater)
  routes.use('/:camera/whep', boundedBody(limits, MAX_SDP_CHARS))
  routes.use('/:camera/whep/:id', boundedBody(limits, MAX_FRAGMENT_BYTES))

  routes.post('/:camera/whep', (c) => {
    checkOfferBody(c)
    const address = clientAddress(c.env)
    limits.countOffer(address)
    const camera = c.req.param('camera')
    const about = { reachedAt: reachedAddressesOf(c.env), tab: tabOf(c), quality: qualityOf(c) }
    return created(c, camera, viewers.admit(camera, c.get('body'), 'whep', address, about))
  })
  routes.patch('/:camera/whep/:id', (c) =>
    patchSession(c, sessionAt(c.req.param('camera'), c.req.param('id'))),
  )
  routes.delete('/:camera/whep/:id', async (c) => {
    const session = sessionAt(c.req.param('camera'), c.req.param('id'))
    await session.dismiss()
    return c.json({ status: 'ok' })
  })
  routes.get('/:camera/whep', async (c, next) =>
    c.req.header('accept')?.includes('text/html') === true
      ? c.redirect(`${rootFrom(c.req.url)}${encodeURIComponent(c.req.param('camera'))}/`, 303) // a person opened the address
      : await next(),
  )
  routes.all('/:camera/whep', onlyAllows('OPTIONS, POST', 'this address accepts POST with an SDP offer'))
  routes.all('/:camera/whep/:id', onlyAllows('OPTIONS, PATCH, DELETE', 'a session accepts PATCH and DELETE'))
  return routes
}

export function created(c: Context, camera: string, viewer: WhepAnswer): Response {
  return c.body(viewer.answerSdp, 201, {
    'content-type': SDP,
    location: `${rootFrom(c.req.url)}${camera}/whep/${viewer.id}`,
    etag: entityTag(viewer),
    'accept-patch': SDP_FRAGMENT,
  })
}

/** Trickled candidates (RFC 9725 section 4.3). */
export function patchSession(c: Context, session: PatchedSession): Response {
  if (contentTypeOf(c) !== SDP_FRAGMENT) {
    c.header('accept-patch', SDP_FRAGMENT)
    return refuse('unsupported-media-type', 415, `the content type of a PATCH has to be ${SDP_FRAGMENT}`)
  }
  const fragment = parseSdpFragment(c.get('body'))
  if (fragment.iceUfrag !== undefined && fragment.iceUfrag !== session.clientUfrag) {
    // RFC 9725 section 4.3: 422 without support for ICE restarts. After one, Firefox receives no packets although both sides are
    // connected; a new session takes no longer.
    return refuse('no-ice-restart', 422, 'ICE restarts are not supported: start a new session')
  }
  if (!matches(c.req.header('if-match'), session)) {
    return refuse('other-ice-session', 412, 'If-Match does not match the ICE session of this address')
  }
  for (const candidate of fragment.candidates) session.addCandidate(candidate)
  return c.body(null, 204)
}

/** The client's id of its own tab, in a header and not in the address, which proxies log. */
function tabOf(c: Context): string | undefined {
  const tab = c.req.header('tab-id')
  if (tab === undefined || TAB_ID.test(tab)) return tab
  return refuse('bad-tab-id', 400, 'Tab-Id has to be a secret of 22 to 64 letters, digits, - and _')
}

/** `?quality=low` of the address. */
function qualityOf(c: Context): Quality | undefined {
  const quality = c.req.query('quality')
  if (quality === undefined || isQuality(quality)) return quality
  return refuse('bad-quality', 400, `quality has to be one of ${QUALITIES.join(', ')}`)
}

/** Clients that send no content type, or that of their HTTP library, are many: an offer is recognised by its first line. */
export function checkOfferBody(c: Context): void {
  const encoding = c.req.header('content-encoding') ?? 'identity'
  const isOffer = contentTypeOf(c) === SDP || c.get('body').startsWith('v=0')
  if (encoding === 'identity' && isOffer) return
  c.header('accept-post', SDP)
  refuse(
    'unsupported-media-type',
    415,
    encoding === 'identity'
      ? `the body is no session description, and its Content-Type is not ${SDP}`
      : `the body has Content-Encoding: ${encoding.slice(0, 20)}: send it without compression`,
  )
}

/** RFC 9725 section 4.3.1: the tag identifies the ICE session, as the client's user fragment does. */
export const entityTag = ({ clientUfrag }: Pick<PatchedSession, 'clientUfrag'>): string =>
  `"${clientUfrag ?? ''}"`

/**
 * RFC 9110 section 13.1.1. Accepts a missing header, `null` of clients that cannot read the tag of another origin, and weak tags of
 * proxies that compress.
 */
function matches(ifMatch: string | undefined, session: PatchedSession): boolean {
  if (ifMatch === undefined) return true
  const tags = ifMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.some((tag) => tag === '*' || tag === 'null' || tag === entityTag(session))
}
