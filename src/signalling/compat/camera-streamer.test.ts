import { describe, expect, test } from 'vitest'
import { appWith } from '../../../test/support/app.js'
import { defaultConfig } from '../../config/parse.js'
import { badOffer, cameraFull, noSuchCamera } from '../../errors.js'
import { createOfferLimit } from '../offer-limit.js'
import { cameraStreamerRoutes } from './camera-streamer.js'
import { noLimits, type SignallingLimits } from '../http-common.js'

/** The application with fake viewers, and the calls they got. */
function serve(refuse?: Error, limits?: SignallingLimits) {
  const events: string[] = []
  const known = (camera: string): void => {
    if (refuse !== undefined) throw refuse
    if (camera !== 'camera1' && camera !== 'camera2') throw noSuchCamera(camera)
  }
  const viewers = {
    createOffer: (camera: string) => {
      known(camera)
      return { id: `of-${camera}`, offerSdp: 'our offer' }
    },
    admit: (camera: string, offerSdp: string) => {
      known(camera)
      return { id: `of-${camera}`, answerSdp: `answer to ${offerSdp}` }
    },
    find: (camera: string, id: string) =>
      id === `of-${camera}`
        ? {
            addCandidate: (line: string) => void events.push(`${id}: ${line}`),
            applyAnswer: (sdp: string) => {
              if (sdp === 'nonsense') throw badOffer('the answer cannot be read')
              events.push(`${id} answered: ${sdp}`)
            },
          }
        : undefined,
  }
  const app = appWith({
    signalling: [
      cameraStreamerRoutes(
        viewers,
        () => 'camera1',
        () => [{ urls: 'stun:stun.example.org' }],
        limits,
      ),
    ],
  })
  const post = async (body: unknown, path = '/camera1/webrtc', headers = {}) =>
    await app.request(path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers,
    })
  return { app, post, events }
}

test.each([
  ['/webrtc', 'of-camera1'],
  ['/camera1/webrtc', 'of-camera1'],
  ['/camera2/webrtc', 'of-camera2'],
])('a request to %s is answered with an offer', async (path, id) => {
  const { post } = serve()
  const body = {
    type: 'request',
    iceServers: [{ urls: ['stun:elsewhere'] }],
    timeout_s: 3600,
  }
  const response = await post(body, path)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await response.json()).toEqual({
    id,
    type: 'offer',
    sdp: 'our offer',
    keepAlive: false,
    iceServers: [{ urls: 'stun:stun.example.org' }],
  })
})

test.each([true, false, 'yes', null])(
  'a request with keepAlive %j gets an offer and keepAlive false',
  async (keepAlive) => {
    const response = await serve().post({ type: 'request', keepAlive })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ type: 'offer', keepAlive: false, sdp: 'our offer' })
  },
)

test('the answer and the candidates of the client reach its session, whatever their content type', async () => {
  const { post, events } = serve()
  const answer = await post({ type: 'answer', id: 'of-camera1', sdp: 'theirs' })
  const candidates = [
    { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null },
    { candidate: '', sdpMid: '0' },
  ]
  const trickled = await post({ type: 'remote_candidate', id: 'of-camera1', candidates }, '/webrtc', {
    'content-type': 'application/json',
  })
  expect([answer.status, trickled.status]).toEqual([200, 200])
  expect([await answer.json(), await trickled.json()]).toEqual([{}, {}])
  expect(events).toEqual(['of-camera1 answered: theirs', 'of-camera1: candidate:1', 'of-camera1: '])
})

test('an offer of the client is answered, as OctoPrint sends it', async () => {
  const { post } = serve()
  const response = await post({ sdp: 'v=0', type: 'offer', keepAlive: true }, '/camera2/webrtc', {
    'content-type': 'application/json',
  })
  expect(await response.json()).toMatchObject({
    type: 'answer',
    sdp: 'answer to v=0',
    keepAlive: false,
  })
})

test.each([
  ['', 'the body is not JSON'],
  ['v=0', 'the body is not JSON'],
  ['[]', 'the body has to be a JSON object'],
  ['null', 'the body has to be a JSON object'],
  ['{}', 'type is missing'],
  [{ type: 'close' }, 'type has to be "request", "offer", "answer" or "remote_candidate"'],
  [{ type: 'offer' }, 'sdp is missing'],
  [{ type: 'offer', sdp: 7 }, 'sdp has to be a string'],
  [{ type: 'offer', sdp: 'x'.repeat(65_537) }, 'sdp has to be at most 65536 characters'],
  [{ type: 'answer', sdp: 'v=0' }, 'id is missing'],
  [{ type: 'remote_candidate', id: 'x', candidates: {} }, 'candidates has to be a list'],
  [{ type: 'remote_candidate', id: 'x', candidates: ['c'] }, 'candidates.0 has to be a candidate'],
  [
    { type: 'remote_candidate', id: 'x', candidates: Array.from({ length: 65 }, () => ({ candidate: '' })) },
    'candidates has to have at most 64 entries',
  ],
])('%.40j is answered with 400 and what is wrong', async (body, message) => {
  const { post, events } = serve()
  const response = await post(body)
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({ error: 'bad-body', message })
  expect(events).toEqual([])
})

test.each([
  [{ type: 'answer', id: 'of-camera2', sdp: 'theirs' }, 404, 'no-such-viewer'],
  [{ type: 'remote_candidate', id: '__proto__', candidates: [] }, 404, 'no-such-viewer'],
  [{ type: 'answer', id: 'of-camera1', sdp: 'nonsense' }, 400, 'bad-offer'],
])('%j is answered with %i', async (body, status, error) => {
  const response = await serve().post(body)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ error })
})

test('a camera without a free slot is answered with 503 and when to try again', async () => {
  const response = await serve(cameraFull('camera1', 1)).post({ type: 'request' })
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
})

test('a camera that does not exist is answered with 404', async () =>
  expect((await serve().post({ type: 'request' }, '/camera9/webrtc')).status).toBe(404))

test('a body that is too long is refused before it is read', async () => {
  const body = 'x'.repeat(131_073)
  const response = await serve().post(body, '/webrtc', { 'content-length': String(body.length) })
  expect(response.status).toBe(413)
})

test('a page of another origin may ask, and GET is answered with 405', async () => {
  const { app } = serve()
  const preflight = await app.request('/webrtc', {
    method: 'OPTIONS',
    headers: { origin: 'http://printer.local', 'access-control-request-headers': 'content-type' },
  })
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*'])
  const get = await app.request('/webrtc')
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'OPTIONS, POST'])
})

describe('with the default limits', () => {
  const { limits } = defaultConfig()
  const countOffer = createOfferLimit(() => ({ ...limits, offersPerSecond: 1e-9 }))
  const { post, events } = serve(undefined, { ...noLimits, countOffer })

  test('50 clients join at once with a request and an answer', async () => {
    for (let i = 0; i < 50; i++) {
      const answer = { type: 'answer', id: 'of-camera1', sdp: `${i}` }
      expect([(await post({ type: 'request' })).status, (await post(answer)).status]).toEqual([200, 200])
    }
  })

  test('whatever more has to be read is refused before it is, and what has not is not counted', async () => {
    const answered = events.length
    for (const body of [{ type: 'request' }, { type: 'offer' }, { type: 'answer', id: 'of-camera1' }]) {
      const refused = await post({ ...body, sdp: 'v=0' })
      expect(await refused.json()).toMatchObject({ error: 'too-many-offers' })
      expect([refused.status, refused.headers.has('retry-after')]).toEqual([429, true])
    }
    expect(events.length).toBe(answered)
    expect((await post({ type: 'answer', id: 'nobody', sdp: 'v=0' })).status).toBe(404)
  })
})
