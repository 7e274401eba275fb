import type { AboutClient } from '../about-client.js'
import { Hono, type Context } from 'hono'
import { noSuchViewer } from '../../errors.js'
import { CAMERA_PARAMETER } from '../../lib/camera-key.js'
import { clientAddress } from '../../lib/client-address.js'
import { reachedAddressesOf } from '../../lib/reached-addresses.js'
import { parseCameraStreamerBody, type CameraStreamerBody } from './messages.js'
import {
  answerOptions,
  boundedBody,
  noLimits,
  onlyAllows,
  retryLater,
  type SignallingLimits,
} from '../http-common.js'
import type { IceServer } from '../ice-servers.js'

export interface CameraStreamerSession {
  addCandidate(line: string): void
  applyAnswer(answerSdp: string): void
}

/** All this file needs of viewers. */
export interface CameraStreamerViewers {
  createOffer(
    camera: string,
    via: 'camera-streamer',
    address: string,
    about: AboutClient,
  ): { id: string; offerSdp: string }
  admit(
    camera: string,
    offerSdp: string,
    via: 'camera-streamer',
    address: string,
    about: AboutClient,
  ): { id: string; answerSdp: string }
  find(camera: string, id: string): CameraStreamerSession | undefined
}

/**
 * camera-streamer's JSON at `/cameraN/webrtc`, and at `/webrtc` for the first camera. The client requests an offer, or sends one, as
 * OctoPrint does. Some clients send no content type, so it is ignored.
 */
export function cameraStreamerRoutes(
  viewers: CameraStreamerViewers,
  firstCamera: () => string,
  iceServers: () => IceServer[],
  limits: SignallingLimits = noLimits,
): Hono {
  const reply = (camera: string, body: CameraStreamerBody, env: unknown): object => {
    const address = clientAddress(env)
    const about: AboutClient = { reachedAt: reachedAddressesOf(env) }
    const session = (id: string): CameraStreamerSession => {
      const found = viewers.find(camera, id)
      if (found === undefined) throw noSuchViewer()
      return found
    }
    switch (body.type) {
      case 'request': {
        limits.countOffer(address)
        const { id, offerSdp } = viewers.createOffer(camera, 'camera-streamer', address, about)
        return { id, type: 'offer', sdp: offerSdp, keepAlive: false, iceServers: iceServers() }
      }
      case 'offer': {
        limits.countOffer(address)
        const { id, answerSdp } = viewers.admit(camera, body.sdp, 'camera-streamer', address, about)
        return { id, type: 'answer', sdp: answerSdp, keepAlive: false }
      }
      case 'answer': {
        const found = session(body.id)
        limits.countOffer(address) // parsing it costs as much as an offer
        found.applyAnswer(body.sdp)
        return {}
      }
      case 'remote_candidate': {
        const found = session(body.id)
        for (const { candidate } of body.candidates) found.addCandidate(candidate)
        return {}
      }
      default:
        return body satisfies never
    }
  }

  const routes = new Hono()
  const serve = (path: string, cameraOf: (c: Context) => string): void => {
    routes.use(path, answerOptions, retryLater, boundedBody(limits))
    routes.post(path, (c) => c.json(reply(cameraOf(c), parseCameraStreamerBody(c.get('body')), c.env)))
    routes.all(path, onlyAllows('OPTIONS, POST', 'this address accepts POST with a JSON message'))
  }
  serve('/webrtc', firstCamera)
  serve(`/${CAMERA_PARAMETER}/webrtc`, (c) => c.req.param('camera')!)
  return routes
}
