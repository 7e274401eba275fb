import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { appWith } from '../../../test/support/app.js'
import { accessWith, basic, PASSWORD, TOKEN, type AccessOptions } from '../../../test/support/access.js'
import { cameraStreamerRoutes } from '../../signalling/compat/camera-streamer.js'
import { go2rtcRoutes } from '../../signalling/compat/go2rtc.js'
import { whepRoutes } from '../../signalling/whep.js'
import { declarationOf } from './permission.js'
import { snapshotRoutes, type SnapshotCamera } from '../routes/snapshots.js'
import { websocketOnlyApp } from '../websocket-only-app.js'
import { readLanguages } from '../routes/page-words.js'

const bothSet = { password: PASSWORD, token: TOKEN }
const page = { accept: 'text/html,application/xhtml+xml' }
const sdp = { 'content-type': 'application/sdp' }

const viewers = {
  admit: () => ({ id: 'id1', answerSdp: 'v=0', clientUfrag: 'abcd' }),
  createOffer: () => ({ id: 'id1', offerSdp: 'v=0' }),
  find: () => ({
    clientUfrag: 'abcd',
    addCandidate: () => {},
    applyAnswer: () => {},
    dismiss: async () => await Promise.resolve(),
  }),
}
const trouble = { cause: 'no-device', message: 'There is no camera.', hint: 'Plug one in.' }
const cameraWithoutPictures: SnapshotCamera = {
  key: 'camera1',
  capture: async () => await Promise.resolve(trouble),
  captureFull: async () => await Promise.resolve(trouble),
  next: async () => await new Promise<never>(() => {}),
  follow: () => ({ [Symbol.dispose]: () => {} }),
}

/** The application with one camera that accepts every offer. */
function serve(options: AccessOptions = bothSet) {
  const access = accessWith(options)
  const camera = { key: 'camera1', name: 'Camera 1', codec: 'vp8', bitrate: 1, keyframeInterval: 1 } as const
  const picture = {
    width: 640,
    height: 480,
    fps: { min: 30, max: 30 },
    webrtcPort: 5557,
    hasSnapshot: true,
    hasAudio: false,
  }
  const health = {
    state: 'live',
    restarts: 0,
    restartsByCause: {},
    viewers: 0,
    codec: 'vp8',
    packets: 1,
    keyframes: 1,
  } as const
  const app = appWith({
    config: () => ({
      version: '1',
      piIp: '',
      maxClients: 1,
      iceServers: [],
      cameras: [{ ...camera, ...picture }],
    }),
    health: () => ({ version: '1', uptimeS: 1, connectFailures: {}, cameras: { camera1: health } }),
    signalling: [
      whepRoutes(viewers, () => []),
      cameraStreamerRoutes(
        viewers,
        () => 'camera1',
        () => [],
      ),
      go2rtcRoutes(viewers, () => []),
    ],
    snapshots: snapshotRoutes(
      () => [cameraWithoutPictures],
      () => 1,
    ),
    access,
  })
  const request = async (method: string, path: string, headers: Record<string, string> = {}) =>
    await app.request(path, { method, headers: { host: 'pi:8080', ...headers } })
  return { app, request, access }
}

/** Every route of the application as a request: what stands in a path for any word gets one. */
function routesOf(app: Hono): [method: string, path: string][] {
  const pathOf = (path: string): string =>
    path
      .replace(/:camera(?:\{[^}]*\})?/, 'camera1')
      .replace(/:\w+(?:\{[^}]*\})?/g, 'id1')
      .replace('*', 'app.js')
  return app.routes
    .filter(({ path }) => path !== '/*')
    .flatMap(({ method, path }) =>
      (method === 'ALL' ? ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] : [method]).map(
        (each): [string, string] => [each, pathOf(path)],
      ),
    )
}

describe('every route', () => {
  const routes = routesOf(serve().app)

  test('is among those that are tried here', () => {
    expect(routes.length).toBeGreaterThan(10)
    expect(routes).toContainEqual(['POST', '/camera1/whep'])
    expect(routes).toContainEqual(['GET', '/api/config'])
    expect(routes).toContainEqual(['GET', '/camera1/'])
    expect(routes).toContainEqual(['POST', '/camera1/webrtc'])
    expect(routes).toContainEqual(['POST', '/api/webrtc'])
    expect(routes).toContainEqual(['GET', '/camera1/snapshot.jpg'])
  })

  test('declares what it needs', () => {
    const { app } = serve()
    const undeclared = [...new Set(app.routes.map(({ path }) => path))].filter(
      (path) =>
        path !== '/*' && !app.routes.some((route) => route.path === path && declarationOf(route.handler)),
    )
    expect(undeclared).toEqual([])
  })

  /** For a browser that does not trust the server yet, for pages of other origins, and for signing in and out. This server has no certificate authority. */
  const PUBLIC: Record<string, number> = {
    'GET /certificate': 200,
    'GET /certificate/rpi-webrtc-ca.crt': 404,
    'GET /rpi-camera.js': 200,
    'GET /player/id1': 404,
    'GET /sign-in': 200,
    'POST /sign-in': 415,
    'POST /sign-out': 204,
  }

  test.each(routes)('%s %s is refused without credentials, and is not with them', async (method, path) => {
    const { request } = serve()
    const refused = await request(method, path)
    if (method === 'GET' && path === '/health') {
      expect([refused.status, await refused.json()]).toEqual([200, { status: 'ok' }])
    } else if (`${method} ${path}` in PUBLIC) {
      expect(refused.status).toBe(PUBLIC[`${method} ${path}`])
    } else {
      expect(refused.status).toBe(401)
      expect(await refused.json()).toMatchObject({ error: 'unauthorized' })
      expect(refused.headers.get('www-authenticate')).toBe('Basic realm="rpi-webrtc", charset="UTF-8"')
      expect(refused.headers.get('cache-control')).toBe('no-store')
    }
    const wrong = { authorization: basic('anna', 'wrong') }
    expect((await request(method, path, wrong)).status).toBe(401)
    expect([401, 403, 429]).not.toContain((await request(method, path, { authorization: basic() })).status)
  })

  test.each(routes)('%s %s is open where there are no credentials', async (method, path) => {
    const { status } = await serve({}).request(method, path)
    expect([401, 403, 429]).not.toContain(status)
  })
})

test('an unknown address gets 404 only with credentials', async () => {
  const { request } = serve()
  expect((await request('GET', '/nothing')).status).toBe(401)
  expect((await request('GET', '/nothing', { authorization: basic() })).status).toBe(404)
})

test("a camera's own port requires credentials too", async () => {
  const app = websocketOnlyApp('camera1', accessWith(bothSet), () => 8080, readLanguages('static'))
  expect((await app.request('/')).status).toBe(401)
  expect((await app.request('/', { headers: { authorization: basic() } })).status).toBe(426)
})

test('a snapshot at full size stops the video of others, so the token does not get one', async () => {
  const full = async (headers: Record<string, string>) =>
    (await serve().request('GET', '/camera1/snapshot.jpg?size=full', headers)).status
  expect(await full({})).toBe(401)
  expect(await full({ authorization: `Bearer ${TOKEN}` })).toBe(403)
  expect(await full({ authorization: basic() })).toBe(503) // this camera has no pictures
})

test('health has details for authenticated clients', async () => {
  const response = await serve().request('GET', '/health', { authorization: `Bearer ${TOKEN}` })
  expect(Object.keys((await response.json()) as object)).toEqual([
    'status',
    'version',
    'uptime_s',
    'connect_failures',
    'cameras',
  ])
})

test.each([
  ['GET', '/', {}],
  ['GET', '/', { authorization: basic() }],
  ['GET', '/nothing', { authorization: basic() }],
  ['POST', '/camera1/whep', { authorization: basic() }],
  ['GET', '/camera1/snapshot.jpg', { authorization: basic() }],
  ['GET', '/health', {}],
] as const)('%s %s with %j has X-Content-Type-Options: nosniff', async (method, path, headers) => {
  const response = await serve().request(method, path, headers)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
})

test.each([
  [{ authorization: basic() }, true],
  [{ authorization: `Bearer ${TOKEN}` }, false],
])('the configuration and the page report whether %j may administer: %s', async (headers, expected) => {
  const { request } = serve()
  const config: unknown = await (await request('GET', '/api/config', headers)).json()
  expect(config).toMatchObject({ may_administer: expected })
  expect(await (await request('GET', '/', headers)).text()).toContain(`"may_administer":${expected}`)
})

test('without credentials in the configuration every client may administer', async () => {
  const config: unknown = await (await serve({}).request('GET', '/api/config')).json()
  expect(config).toMatchObject({ may_administer: true })
})

describe('a browser', () => {
  test('gets a cookie with the page, and needs nothing more for what belongs to it', async () => {
    const { request } = serve()
    const first = await request('GET', '/camera1/', { ...page, authorization: basic() })
    const cookie = first.headers.get('set-cookie')!.split(';')[0]!
    expect(first.status).toBe(200)
    expect(first.headers.get('cache-control')).toBe('private, no-cache') // no cache between may hand it on
    const again = await request('GET', '/', { ...page, cookie })
    expect([again.status, again.headers.get('set-cookie')]).toEqual([200, null])
    expect((await request('GET', '/api/config', { cookie })).status).toBe(200)
  })

  test('gets one for a link with the token as well, and on the way to the right address', async () => {
    const { request } = serve()
    const response = await request('GET', `/camera1?token=${TOKEN}`, page)
    expect([response.status, response.headers.get('location')]).toEqual([301, `./camera1/?token=${TOKEN}`])
    expect(response.headers.get('set-cookie')).toContain('=watch.')
  })

  test('gets none with a refusal, and none of the other clients does', async () => {
    const { request } = serve()
    expect((await request('GET', '/', page)).headers.get('set-cookie')).toBeNull()
    const curl = await request('GET', '/', { accept: '*/*', authorization: basic() })
    expect([curl.status, curl.headers.get('set-cookie')]).toEqual([200, null])
  })
})

test('a WHEP player that knows only an address finds its session again', async () => {
  const { request } = serve()
  const offer = await request('POST', `/camera1/whep?token=${TOKEN}`, sdp)
  expect(offer.headers.get('location')).toBe(`../camera1/whep/id1?token=${TOKEN}`)
  expect((await request('DELETE', offer.headers.get('location')!.replace('..', ''))).status).toBe(200)
  const bearer = await request('POST', '/camera1/whep', { ...sdp, authorization: `Bearer ${TOKEN}` })
  expect(bearer.headers.get('location')).toBe('../camera1/whep/id1')
})

describe('CORS', () => {
  const from = (origin: string, more = {}) => ({ origin, ...more })
  const preflight = { 'access-control-request-method': 'POST' }
  const corsOf = ({ status, headers }: Response) => [
    status,
    headers.get('access-control-allow-origin'),
    headers.get('vary'),
  ]

  test('a preflight needs no credentials, and allows what WHEP needs', async () => {
    const { request } = serve({ ...bothSet, allowOrigins: ['http://mainsail.local'] })
    const response = await request('OPTIONS', '/camera1/whep', from('http://mainsail.local', preflight))
    expect(corsOf(response)).toEqual([204, 'http://mainsail.local', 'Origin'])
    expect(response.headers.get('access-control-allow-methods')).toBe(
      'GET, HEAD, POST, PATCH, DELETE, OPTIONS',
    )
    expect(response.headers.get('access-control-allow-headers')).toBe(
      'Authorization, Content-Type, If-Match, Range, Tab-Id, X-Requested-With',
    )
    const foreign = await request('OPTIONS', '/camera1/whep', from('http://evil.example', preflight))
    expect(corsOf(foreign)).toEqual([204, null, 'Origin'])
  })

  test('an OPTIONS that is no preflight is a request like any other', async () => {
    expect((await serve().request('OPTIONS', '/camera1/whep')).status).toBe(401)
    expect((await serve().request('OPTIONS', '/camera1/whep', from('http://pi:8080'))).status).toBe(401)
  })

  test.each([
    [{}, 'http://any.example', [200, '*', null]],
    [{ allowOrigins: [] }, 'http://any.example', [200, null, 'Origin']],
    [{ allowOrigins: [] }, 'http://pi:8080', [200, 'http://pi:8080', 'Origin']],
    [bothSet, 'http://any.example', [401, null, 'Origin, Accept, Sec-Fetch-Mode']],
    [{ ...bothSet, allowOrigins: ['*'] }, 'http://any.example', [401, '*', 'Accept, Sec-Fetch-Mode']],
  ])('with %j a page of %s gets %j', async (options, origin, expected) =>
    expect(corsOf(await serve(options).request('GET', '/api/config', from(origin)))).toEqual(expected),
  )

  test('a page of an allowed origin can read Location and Retry-After', async () => {
    const { headers } = await serve({}).request('POST', '/camera1/whep', {
      ...sdp,
      ...from('http://any.example'),
    })
    expect(headers.get('access-control-expose-headers')).toBe(
      'Location, ETag, Link, Accept-Post, Accept-Patch, Retry-After',
    )
  })

  test('a page of another origin cannot end a session or use stored credentials', async () => {
    const { request } = serve()
    const evil = from('http://evil.example', { authorization: basic() })
    expect((await request('DELETE', '/camera1/whep/id1', evil)).status).toBe(403)
    for (const allowOrigins of [['*'], ['http://evil.example']]) {
      const { headers } = await serve({ ...bothSet, allowOrigins }).request('GET', '/', evil)
      expect(headers.get('access-control-allow-credentials')).toBeNull()
    }
  })
})
