import type { AboutClient } from '../about-client.js'
import { Hono } from 'hono'
import { clientAddress } from '../../lib/client-address.js'
import { reachedAddressesOf } from '../../lib/reached-addresses.js'
import { formValue, queryValue } from '../../lib/query.js'
import { parseJsonOffer } from './messages.js'
import {
  boundedBody,
  contentTypeOf,
  noLimits,
  onlyAllows,
  answerOptions,
  refuse,
  retryLater,
  type SignallingLimits,
} from '../http-common.js'
import { iceServerLink, type IceServer } from '../ice-servers.js'
import { created, SDP, type WhepAnswer } from '../whep.js'

const FORM = 'application/x-www-form-urlencoded'

/** All this file needs of viewers. */
export interface Go2rtcViewers {
  admit(camera: string, offerSdp: string, via: 'go2rtc', address: string, about: AboutClient): WhepAnswer
}

/**
 * go2rtc's `POST /api/webrtc?src=camera1`: the answer has the content type of the offer. The answer to SDP is a WHEP answer with the
 * address of the session, which go2rtc does not send.
 */
export function go2rtcRoutes(
  viewers: Go2rtcViewers,
  iceServers: () => IceServer[],
  limits: SignallingLimits = noLimits,
): Hono {
  const path = '/api/webrtc'
  const routes = new Hono()
  routes.use(path, answerOptions, retryLater, boundedBody(limits))
  routes.post(path, (c) => {
    const camera = queryValue(c.req.url, 'src')
    if (camera === undefined || camera === '')
      return refuse('no-source', 400, 'the address has to name a camera: /api/webrtc?src=camera1')
    const address = clientAddress(c.env)
    limits.countOffer(address)
    const admit = (offer: string): WhepAnswer =>
      viewers.admit(camera, offer, 'go2rtc', address, { reachedAt: reachedAddressesOf(c.env) })
    switch (contentTypeOf(c)) {
      case 'application/json':
        return c.json({ type: 'answer', sdp: admit(parseJsonOffer(c.get('body'))).answerSdp })
      case SDP:
        for (const server of iceServers()) c.header('link', iceServerLink(server), { append: true })
        return created(c, camera, admit(c.get('body')))
      case FORM: {
        const data = formValue(c.get('body'), 'data') ?? ''
        const { answerSdp } = admit(Buffer.from(data, 'base64').toString('utf8'))
        return c.body(Buffer.from(answerSdp).toString('base64'), 200, { 'content-type': FORM })
      }
      default:
        return c.body(admit(c.get('body')).answerSdp, 200, { 'content-type': SDP })
    }
  })
  routes.all(path, onlyAllows('OPTIONS, POST', 'this address accepts POST with an offer'))
  return routes
}
