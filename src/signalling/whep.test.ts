import { expect, test } from 'vitest'
import { AppError, badOffer, cameraFull, noSuchCamera } from '../errors.js'
import { buildApp } from '../http/app.js'
import { silentLog } from '../log.js'
import { whepRoutes } from './whep.js'

/** The whole application, for its errors are made there, around viewers that are not there. */
function serve(refuse?: Error) {
  const sessions = new Map<string, string>()
  const whep = whepRoutes({
    admit: (camera, offerSdp) => {
      if (refuse !== undefined) throw refuse
      if (camera !== 'camera1') throw noSuchCamera(camera)
      sessions.set('id1', camera)
      return { id: 'id1', answerSdp: `answer to ${offerSdp}` }
    },
    find: (camera, id) =>
      sessions.get(id) === camera
        ? {
            dismiss: async () => {
              await Promise.resolve()
              sessions.delete(id)
            },
          }
        : undefined,
  })
  const app = buildApp({
    config: () => ({ version: '0', piIp: '', maxClients: 1, stunServer: undefined, cameras: [] }),
    health: () => ({ version: '0', uptimeS: 0, cameras: {} }),
    metrics: () => ({ version: '1', uptimeS: 0, residentBytes: undefined, cameras: {} }),
    whep,
    staticDir: 'static',
    log: silentLog,
  })
  const request = async (method: string, path: string, headers = {}, body?: string | ReadableStream) =>
    await app.request(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    })
  return {
    request,
    offer: async (headers = { 'content-type': 'application/sdp' }, body: string | ReadableStream = 'v=0') =>
      await request('POST', '/camera1/whep', headers, body),
  }
}

test('an offer is answered with 201, the answer and the address of the session', async () => {
  const response = await serve().offer()
  expect(response.status).toBe(201)
  expect(response.headers.get('location')).toBe('/camera1/whep/id1')
  expect(response.headers.get('content-type')).toBe('application/sdp')
  expect(await response.text()).toBe('answer to v=0')
})

test.each(['application/sdp; charset=utf-8', 'Application/SDP', ' application/sdp ;x=y'])(
  'the content type %j is taken',
  async (type) => expect((await serve().offer({ 'content-type': type })).status).toBe(201),
)

test.each(['text/plain', 'application/json', 'application/sdpx', ''])(
  'the content type %j is refused with 415',
  async (type) => {
    const response = await serve().offer({ 'content-type': type })
    expect(response.status).toBe(415)
    expect(await response.json()).toEqual({
      error: 'unsupported-media-type',
      message: 'the offer has to be sent as application/sdp',
    })
  },
)

test.each([
  ['in one piece', 'x'.repeat(65_537)],
  ['in pieces of unsaid length', new Blob(['x'.repeat(40_000), 'x'.repeat(40_000)]).stream()],
])('an offer that is too long, %s, is refused with 413', async (_how, body) => {
  const headers = { 'content-type': 'application/sdp' }
  const length = typeof body === 'string' ? { 'content-length': String(body.length) } : {}
  const response = await serve().offer({ ...headers, ...length }, body)
  expect(response.status).toBe(413)
  expect(await response.json()).toMatchObject({ error: 'offer-too-large' })
})

test.each([
  badOffer('the offer has no video'),
  new AppError('unsupported-codec', 406, 'the offer has no VP8'),
  new AppError('unsupported-offer', 422, 'the offer has no ICE'),
])('an offer that cannot be taken is answered with its code and a sentence: %s', async (error) => {
  const response = await serve(error).offer()
  expect(response.status).toBe(error.status)
  expect(await response.json()).toEqual({ error: error.code, message: error.message })
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
})

test('a camera without a free slot is answered with 503 and when to try again', async () => {
  const response = await serve(cameraFull('camera1', 1)).offer()
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('5')
  expect(await response.json()).toEqual({
    error: 'camera-full',
    message: 'camera1 has its maximum of 1 viewer; try again later',
  })
})

test('a camera that does not exist is answered with 404', async () => {
  const response = await serve().request(
    'POST',
    '/camera9/whep',
    { 'content-type': 'application/sdp' },
    'v=0',
  )
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ error: 'no-such-camera' })
})

test('a session is ended by DELETE, once, and only under its own camera', async () => {
  const { offer, request } = serve()
  await offer()
  expect((await request('DELETE', '/camera2/whep/id1')).status).toBe(404)
  expect((await request('DELETE', '/camera1/whep/id1')).status).toBe(200)
  const again = await request('DELETE', '/camera1/whep/id1')
  expect(again.status).toBe(404)
  expect(await again.json()).toMatchObject({ error: 'no-such-viewer' })
})

test.each(['/camera1/whep', '/camera1/whep/id1'])(
  'a page of another origin may ask what it may do at %s',
  async (path) => {
    const response = await serve().request('OPTIONS', path, {
      origin: 'http://printer.local',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-allow-methods')).toBe('OPTIONS,POST,DELETE')
    expect(response.headers.get('access-control-allow-headers')).toContain('Content-Type')
  },
)

test('a page of another origin may read where its session is, once', async () => {
  const { headers } = await serve().offer()
  expect(headers.get('access-control-allow-origin')).toBe('*')
  expect(headers.get('access-control-expose-headers')).toBe('Location,Retry-After')
})

test.each([
  ['GET', '/camera1/whep', 'OPTIONS, POST'],
  ['PUT', '/camera1/whep', 'OPTIONS, POST'],
  ['GET', '/camera1/whep/id1', 'OPTIONS, DELETE'],
  ['PATCH', '/camera1/whep/id1', 'OPTIONS, DELETE'],
])('%s %s is answered with 405 and what is allowed', async (method, path, allow) => {
  const response = await serve().request(method, path)
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe(allow)
  expect(await response.json()).toMatchObject({ error: 'method-not-allowed' })
})
