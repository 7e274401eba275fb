import { expect, test } from 'vitest'
import { appWith } from '../../test/support/app.js'
import { AppError, badOffer, cameraFull, noSuchCamera } from '../errors.js'
import type { AboutClient } from './about-client.js'
import { whepRoutes } from './whep.js'

const STUN = 'stun:stun.example.org:3478'

/** The application, which maps errors to responses, with fake viewers. */
function serve(refuse?: Error, stunServer: string | null = STUN) {
  const sessions = new Map<string, string>()
  const candidates: string[] = []
  const asked: AboutClient['quality'][] = []
  const viewers = {
    admit: (camera: string, offerSdp: string, _via: string, _address: string, about: AboutClient) => {
      if (refuse !== undefined) throw refuse
      if (camera !== 'camera1') throw noSuchCamera(camera)
      sessions.set('id1', camera)
      asked.push(about.quality)
      return { id: 'id1', answerSdp: `answer to ${offerSdp}`, clientUfrag: 'aB/+' }
    },
    find: (camera: string, id: string) =>
      sessions.get(id) === camera
        ? {
            clientUfrag: 'aB/+',
            addCandidate: (line: string) => void candidates.push(line),
            dismiss: async () => {
              await Promise.resolve()
              sessions.delete(id)
            },
          }
        : undefined,
    failures: {
      of: (id: string) =>
        id === 'failed' ? { message: 'No reply gets back.', hint: 'Check the firewall.' } : undefined,
    },
  }
  const app = appWith({
    signalling: [whepRoutes(viewers, () => (stunServer === null ? [] : [{ urls: stunServer }]))],
  })
  const request = async (method: string, path: string, headers = {}, body?: string | ReadableStream) =>
    await app.request(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    })
  return {
    request,
    asked,
    candidates,
    offer: async (headers = { 'content-type': 'application/sdp' }, body: string | ReadableStream = 'v=0') =>
      await request('POST', '/camera1/whep', headers, body),
    patch: async (body: string, headers: Record<string, string> = {}) =>
      await request('PATCH', '/camera1/whep/id1', { 'content-type': SDP_FRAGMENT, ...headers }, body),
  }
}

const SDP_FRAGMENT = 'application/trickle-ice-sdpfrag'
const fragment = [
  'a=ice-ufrag:aB/+',
  'a=ice-pwd:0123456789012345678901',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=mid:0',
  'a=candidate:1 1 udp 2122260223 192.168.1.9 50000 typ host',
  'a=candidate:2 1 udp 1686052607 203.0.113.9 50000 typ srflx raddr 0.0.0.0 rport 0',
  'a=end-of-candidates',
  '',
].join('\r\n')

test('the secret of a tab comes in a header, and a weak one is rejected', async () => {
  const headers = { 'content-type': 'application/sdp' }
  expect(
    (await serve().offer({ ...headers, 'tab-id': 'a-secret-of-144-bits_24-' } as typeof headers)).status,
  ).toBe(201)
  const weak = await serve().offer({ ...headers, 'tab-id': 'me' } as typeof headers)
  expect([weak.status, await weak.json()]).toMatchObject([400, { error: 'bad-tab-id' }])
})

test('a session that did not connect is gone, with the reason', async () => {
  const { request } = serve()
  for (const method of ['DELETE', 'PATCH']) {
    const response = await request(method, '/camera1/whep/failed')
    expect([response.status, await response.json()]).toEqual([
      404,
      {
        error: 'could-not-connect',
        message: 'this session did not connect. No reply gets back. Check the firewall.',
      },
    ])
  }
})

test('an offer is answered with 201, the answer and the address of the session', async () => {
  const response = await serve().offer()
  expect(response.status).toBe(201)
  expect(response.headers.get('location')).toBe('../camera1/whep/id1')
  expect(response.headers.get('content-type')).toBe('application/sdp')
  expect(response.headers.get('etag')).toBe('"aB/+"')
  expect(response.headers.get('accept-patch')).toBe(SDP_FRAGMENT)
  expect(response.headers.get('link')).toBe(`<${STUN}>; rel="ice-server"`)
  expect(await response.text()).toBe('answer to v=0')
})

test.each(['application/sdp; charset=utf-8', 'Application/SDP', ' application/sdp ;x=y'])(
  'the content type %j is accepted',
  async (type) => expect((await serve().offer({ 'content-type': type })).status).toBe(201),
)

const otherTypes = ['text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'application/sdpx', '']

test.each(otherTypes)('the content type %j is accepted for a body that begins with v=0', async (type) =>
  expect((await serve().offer({ 'content-type': type })).status).toBe(201),
)

test.each([
  ...otherTypes.map((type) => [{ 'content-type': type }, '{"sdp":"v=0"}', 'its Content-Type is not']),
  [{ 'content-encoding': 'gzip' }, 'v=0', 'has Content-Encoding: gzip: send it without compression'],
  [
    { 'content-encoding': 'gzip', 'content-type': 'application/sdp' },
    '\u001f\u008b',
    'has Content-Encoding: gzip: send it without compression',
  ],
] as [Record<string, string>, string, string][])(
  '%j with the body %j is refused with 415',
  async (headers, body, message) => {
    const response = await serve().offer(headers as never, body)
    expect(response.status).toBe(415)
    expect(response.headers.get('accept-post')).toBe('application/sdp')
    expect(await response.json()).toEqual({
      error: 'unsupported-media-type',
      message: expect.stringContaining(message) as string,
    })
  },
)

test.each(['/camera1/whep/', '//camera1/whep', '//camera1//whep//', '/whep/camera1', '/whep/camera1/'])(
  'the address %s is that of the camera, and Location resolves to the session',
  async (path) => {
    const { request } = serve()
    const base = new URL(`http://pi:8080${path}`)
    const response = await request('POST', base.href, { 'content-type': 'application/sdp' }, 'v=0')
    expect(response.status).toBe(201)
    const session = new URL(response.headers.get('location')!, base)
    expect(session.pathname.replace('//', '/')).toBe('/camera1/whep/id1')
    expect((await request('DELETE', `${session.href}/`)).status).toBe(200)
  },
)

test('below the prefix of a proxy, Location resolves below the prefix', async () => {
  const response = await serve().offer()
  const location = response.headers.get('location')!
  expect(new URL(location, 'https://home.example/cams/camera1/whep').href).toBe(
    'https://home.example/cams/camera1/whep/id1',
  )
})

test('a camera name with a line break is not written into Location', async () => {
  const response = await serve().request('GET', 'http://pi/%0Aa/whep', { accept: 'text/html' })
  expect([response.status, response.headers.get('location')]).toEqual([303, '../%0Aa/'])
})

test('a browser that opens the address is sent to the page of the camera', async () => {
  const { request } = serve()
  const response = await request('GET', 'http://pi/camera1/whep', { accept: 'text/html,*/*' })
  expect(response.status).toBe(303)
  expect(new URL(response.headers.get('location')!, 'http://pi/cams/camera1/whep').pathname).toBe(
    '/cams/camera1/',
  )
  expect((await request('GET', '/camera1/whep')).status).toBe(405)
})

test.each([
  ['in one piece', 'x'.repeat(65_537)],
  ['in pieces of unsaid length', new Blob(['x'.repeat(40_000), 'x'.repeat(40_000)]).stream()],
])('an offer that is too long, %s, is refused with 413', async (_how, body) => {
  const headers = { 'content-type': 'application/sdp' }
  const length = typeof body === 'string' ? { 'content-length': String(body.length) } : {}
  const response = await serve().offer({ ...headers, ...length }, body)
  expect(response.status).toBe(413)
  expect(await response.json()).toMatchObject({ error: 'body-too-large' })
})

test.each([
  badOffer('the offer has no video'),
  new AppError('unsupported-codec', 406, 'the offer has no VP8'),
  new AppError('unsupported-offer', 422, 'the offer has no ICE'),
])('a rejected offer gets a code and a sentence: %s', async (error) => {
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
    expect(response.headers.get('access-control-allow-methods')).toBe(
      'GET, HEAD, POST, PATCH, DELETE, OPTIONS',
    )
    for (const header of ['Authorization', 'Content-Type', 'If-Match'])
      expect(response.headers.get('access-control-allow-headers')).toContain(header)
  },
)

test('a page of another origin may read where its session is, and what it needs of it', async () => {
  const { headers } = await serve().offer()
  expect(headers.get('access-control-allow-origin')).toBe('*')
  expect(headers.get('access-control-expose-headers')).toBe(
    'Location, ETag, Link, Accept-Post, Accept-Patch, Retry-After',
  )
})

test.each(['/camera1/whep', '/camera1/whep/id1'])('OPTIONS %s has the ICE servers', async (path) => {
  const { status, headers } = await serve().request('OPTIONS', path)
  expect(status).toBe(204)
  expect(headers.get('link')).toBe(`<${STUN}>; rel="ice-server"`)
  expect(headers.get('accept-post')).toBe('application/sdp')
  expect(headers.get('accept-patch')).toBe(SDP_FRAGMENT)
})

test('without a STUN server there is no Link', async () => {
  const { request, offer } = serve(undefined, null)
  expect((await request('OPTIONS', '/camera1/whep')).headers.has('link')).toBe(false)
  expect((await offer()).headers.has('link')).toBe(false)
})

test.each<[string, Record<string, string>]>([
  ['with the tag of its session', { 'if-match': '"aB/+"' }],
  ['with a tag that a proxy made weak', { 'if-match': '"other", W/"aB/+"' }],
  ['for any session', { 'if-match': '*' }],
  ['without a tag', {}],
  ['with the null of a client that could not read it', { 'if-match': 'null' }],
])('candidates trickle %s', async (_how, headers) => {
  const { offer, patch, candidates } = serve()
  await offer()
  const response = await patch(fragment, headers)
  expect(response.status).toBe(204)
  expect(await response.text()).toBe('')
  expect(candidates).toEqual([
    'candidate:1 1 udp 2122260223 192.168.1.9 50000 typ host',
    'candidate:2 1 udp 1686052607 203.0.113.9 50000 typ srflx raddr 0.0.0.0 rport 0',
  ])
})

test.each<[string, string, Record<string, string>, number, string]>([
  ['of another ICE session', fragment, { 'if-match': '"other"' }, 412, 'other-ice-session'],
  ['with new credentials', fragment.replace('aB/+', 'new1'), { 'if-match': '*' }, 422, 'no-ice-restart'],
  ['of another type', fragment, { 'content-type': 'application/sdp' }, 415, 'unsupported-media-type'],
  ['that is empty', '', {}, 400, 'bad-fragment'],
  ['that is no SDP', '{"candidate":"x"}', {}, 400, 'bad-fragment'],
  ['that is too long', 'a=x\r\n'.repeat(3300), {}, 413, 'body-too-large'],
])('a fragment %s is refused, and the session lives on', async (_what, body, headers, status, error) => {
  const { offer, patch, candidates } = serve()
  await offer()
  const length = { 'content-length': String(body.length) }
  const response = await patch(body, { ...length, ...headers })
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ error })
  if (status === 415) expect(response.headers.get('accept-patch')).toBe(SDP_FRAGMENT)
  expect(candidates).toEqual([])
  expect((await patch(fragment)).status).toBe(204)
})

test('candidates for a session that has ended get 404', async () => {
  const response = await serve().patch(fragment)
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ error: 'no-such-viewer' })
})

test.each([
  ['GET', '/camera1/whep', 'OPTIONS, POST'],
  ['PUT', '/camera1/whep', 'OPTIONS, POST'],
  ['PATCH', '/camera1/whep', 'OPTIONS, POST'],
  ['GET', '/camera1/whep/id1', 'OPTIONS, PATCH, DELETE'],
  ['POST', '/camera1/whep/id1', 'OPTIONS, PATCH, DELETE'],
])('%s %s is answered with 405 and what is allowed', async (method, path, allow) => {
  const response = await serve().request(method, path)
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe(allow)
  expect(await response.json()).toMatchObject({ error: 'method-not-allowed' })
})

test.each(['/camera1/whep', '/camera1/whep/id1'])(
  'HEAD %s is answered with 405, without a body',
  async (path) => {
    const response = await serve().request('HEAD', path)
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toContain('OPTIONS')
    expect(await response.text()).toBe('')
  },
)

test('a fragment has room for 64 candidates of 200 bytes', async () => {
  const { offer, patch, candidates } = serve()
  await offer()
  const line = `a=candidate:1 1 udp 2122260223 192.168.1.9 50000 typ host ${'x'.repeat(140)}\r\n`
  expect((await patch(`a=ice-ufrag:aB/+\r\n${line.repeat(64)}`)).status).toBe(204)
  expect(candidates.length).toBe(64)
})

test('the query asks for a quality, and one that does not exist is rejected', async () => {
  const { request, asked } = serve()
  const offer = async (query: string): Promise<Response> =>
    await request('POST', `/camera1/whep${query}`, { 'content-type': 'application/sdp' }, 'v=0')
  for (const query of ['', '?quality=low', '?quality=auto']) expect((await offer(query)).status).toBe(201)
  expect(asked).toEqual([undefined, 'low', 'auto'])
  const wrong = await offer('?quality=medium')
  expect([wrong.status, await wrong.json()]).toEqual([
    400,
    { error: 'bad-quality', message: 'quality has to be one of auto, high, low' },
  ])
})
