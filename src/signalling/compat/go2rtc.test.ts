import { expect, test } from 'vitest'
import { appWith } from '../../../test/support/app.js'
import { cameraFull, noSuchCamera } from '../../errors.js'
import { go2rtcRoutes } from './go2rtc.js'

function serve(refuse?: Error) {
  const admit = (camera: string, offerSdp: string) => {
    if (refuse !== undefined) throw refuse
    if (camera !== 'camera1') throw noSuchCamera(camera)
    return { id: 'id1', answerSdp: `answer to ${offerSdp}`, clientUfrag: 'aB/+' }
  }
  const app = appWith({ signalling: [go2rtcRoutes({ admit }, () => [{ urls: 'stun:stun.example.org' }])] })
  return async (body: string, type: string, query = '?src=camera1') =>
    await app.request(`/api/webrtc${query}`, { method: 'POST', body, headers: { 'content-type': type } })
}

test('an SDP offer is answered with 201, the answer and the address of its WHEP session', async () => {
  const response = await serve()('v=0', 'application/sdp')
  expect(response.status).toBe(201)
  expect(response.headers.get('content-type')).toBe('application/sdp')
  expect(response.headers.get('location')).toBe('../camera1/whep/id1')
  expect(response.headers.get('link')).toBe('<stun:stun.example.org>; rel="ice-server"')
  expect(await response.text()).toBe('answer to v=0')
})

test('an offer in JSON is answered in JSON', async () => {
  const offer = { type: 'offer', sdp: 'v=0', ice_servers: [] }
  const response = await serve()(JSON.stringify(offer), 'application/json; charset=utf-8')
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ type: 'answer', sdp: 'answer to v=0' })
})

test('an offer in a form is answered in base64', async () => {
  const form = new URLSearchParams({ data: Buffer.from('v=0').toString('base64') })
  const response = await serve()(form.toString(), 'application/x-www-form-urlencoded')
  expect(response.status).toBe(200)
  expect(Buffer.from(await response.text(), 'base64').toString()).toBe('answer to v=0')
})

test('an offer of any other type is SDP', async () => {
  const response = await serve()('v=0', 'text/plain')
  expect([response.status, await response.text()]).toEqual([200, 'answer to v=0'])
})

test.each([
  ['without a camera', 'v=0', 'application/sdp', '', 400, 'no-source'],
  ['to publish', 'v=0', 'application/sdp', '?dst=camera1', 400, 'no-source'],
  ['of a camera that does not exist', 'v=0', 'application/sdp', '?src=camera9', 404, 'no-such-camera'],
  ['in broken JSON', '{', 'application/json', '?src=camera1', 400, 'bad-body'],
  ['in JSON that is none', '{"type":"answer","sdp":""}', 'application/json', '?src=camera1', 400, 'bad-body'],
])('a request %s is refused', async (_what, body, type, query, status, error) => {
  const response = await serve()(body, type, query)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ error })
})

test('a camera without a free slot is answered with 503', async () =>
  expect((await serve(cameraFull('camera1', 1))('v=0', 'application/sdp')).status).toBe(503))
