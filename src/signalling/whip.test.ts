import { expect, test } from 'vitest'
import { accessWith, basic, PASSWORD, TOKEN } from '../../test/support/access.js'
import { appWith } from '../../test/support/app.js'
import { AppError, noSuchCamera } from '../errors.js'
import { whipRoutes } from './whip.js'

const WHIP_TOKEN = 'a-token-of-the-camera'
const SDP_FRAGMENT = 'application/trickle-ice-sdpfrag'

/** The application with fake publishers, and what a publisher sends. */
function serve({ refuse, open = false }: { refuse?: Error; open?: boolean } = {}) {
  const sessions = new Set<string>()
  const candidates: string[] = []
  const session = (id: string) => ({
    id,
    answerSdp: 'v=0 answer',
    clientUfrag: 'aB/+',
    addCandidate: (line: string) => void candidates.push(line),
    dismiss: async () => {
      await Promise.resolve()
      sessions.delete(id)
    },
  })
  const publishers = {
    publish: (camera: string) => {
      if (refuse !== undefined) throw refuse
      if (camera !== 'camera1') throw noSuchCamera(camera)
      sessions.add('id1')
      return session('id1')
    },
    find: (camera: string, id: string) =>
      camera === 'camera1' && sessions.has(id) ? session(id) : undefined,
  }
  const app = appWith({
    publishing: whipRoutes(publishers, () => [{ urls: 'stun:stun.example.org' }]),
    access: accessWith({
      publishTokens: { camera1: WHIP_TOKEN },
      ...(open ? {} : { password: PASSWORD, token: TOKEN }),
    }),
  })
  const request = async (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<Response> =>
    await app.request(path, {
      method,
      headers: { host: 'pi:8080', authorization: `Bearer ${WHIP_TOKEN}`, ...headers },
      ...(body !== undefined && { body }),
    })
  const offer = async (headers: Record<string, string> = {}): Promise<Response> =>
    await request('POST', '/camera1/whip', { 'content-type': 'application/sdp', ...headers }, 'v=0')
  return { request, offer, candidates }
}

test('an offer is answered with 201, the answer, the address of the session and a tag', async () => {
  const { offer, request } = serve()
  const response = await offer()
  expect(response.status).toBe(201)
  expect(await response.text()).toBe('v=0 answer')
  expect(response.headers.get('content-type')).toBe('application/sdp')
  expect(response.headers.get('etag')).toBe('"aB/+"')
  expect(response.headers.get('link')).toContain('stun:stun.example.org')
  const location = new URL(response.headers.get('location')!, 'http://pi:8080/camera1/whip')
  expect(location.pathname).toBe('/camera1/whip/id1')
  expect((await request('DELETE', location.pathname)).status).toBe(204)
  expect((await request('DELETE', location.pathname)).status).toBe(404)
})

test.each([
  ['no credentials', { authorization: '' }],
  ['the token to watch', { authorization: `Bearer ${TOKEN}` }],
  ['another token', { authorization: 'Bearer wrong-wrong-wrong' }],
  ['the token in no scheme', { authorization: WHIP_TOKEN }],
])('%s: 401, on an open server too', async (_, headers) => {
  for (const open of [false, true]) {
    const response = await serve({ open }).offer(headers)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/)
  }
})

test('the administrator may publish, and the token of the camera opens nothing else', async () => {
  const { offer, request } = serve()
  expect((await offer({ authorization: basic() })).status).toBe(201)
  for (const path of ['/camera1/whep', '/api/config', '/metrics', '/api/viewers', '/camera2/whip'])
    expect((await request('GET', path)).status, path).toBe(401)
})

test('wrong tokens are throttled as passwords are, and the right one waits with them', async () => {
  const { offer } = serve()
  const statuses: number[] = []
  for (let i = 0; i < 7; i++)
    statuses.push((await offer({ authorization: `Bearer wrong-${i}-wrong-wrong` })).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
  const late = await offer()
  expect(late.status).toBe(429)
  expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('another publisher is 409 with the time to wait', async () => {
  const refuse = new AppError('already-published', 409, 'another publisher sends to camera1', 2)
  const response = await serve({ refuse }).offer()
  expect([response.status, response.headers.get('retry-after')]).toEqual([409, '2'])
})

test('candidates may be trickled; a new ICE session may not', async () => {
  const { offer, request, candidates } = serve()
  await offer()
  const patch = async (ufrag: string): Promise<number> =>
    (
      await request(
        'PATCH',
        '/camera1/whip/id1',
        { 'content-type': SDP_FRAGMENT, 'if-match': '"aB/+"' },
        `a=ice-ufrag:${ufrag}\r\na=ice-pwd:0123456789012345678901\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.9 5000 typ host\r\n`,
      )
    ).status
  expect(await patch('aB/+')).toBe(204)
  expect(candidates).toHaveLength(1)
  expect(await patch('other')).toBe(422)
})

test('OPTIONS has what publishers look for, a browser its preflight, and other methods 405', async () => {
  const { request } = serve()
  const options = await request('OPTIONS', '/camera1/whip')
  expect(options.status).toBe(204)
  expect(options.headers.get('accept-post')).toBe('application/sdp')
  expect(options.headers.get('link')).toContain('rel="ice-server"')
  const preflight = await request('OPTIONS', '/camera1/whip', {
    authorization: '',
    origin: 'http://pi:8080',
    'access-control-request-method': 'POST',
  })
  expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization')
  for (const method of ['GET', 'PUT', 'PATCH']) {
    const response = await request(method, '/camera1/whip')
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'OPTIONS, POST'])
  }
})

test('a token that is right elsewhere is refused, and is no guess', async () => {
  const { offer, request } = serve()
  for (let i = 0; i < 10; i++) {
    expect((await offer({ authorization: `Bearer ${TOKEN}` })).status).toBe(401)
    expect((await request('GET', '/api/config')).status).toBe(401)
  }
  expect((await offer()).status).toBe(201)
})
