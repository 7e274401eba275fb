import { describe, expect, test } from 'vitest'
import { accessWith, basic, PASSWORD, TOKEN, type AccessOptions } from '../../../test/support/access.js'
import { appWith } from '../../../test/support/app.js'
import { camera1 } from '../../../test/support/camera-facts.js'
import { onlyAllows } from '../../signalling/http-common.js'
import { Hono } from 'hono'

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const name = '<Bird & "box">'

function serve(options: AccessOptions = { password: PASSWORD, token: TOKEN }, prefix = '') {
  const signalling = new Hono()
  signalling.all('/:camera/whep/:id', onlyAllows('PATCH, DELETE', 'this address has no GET'))
  const app = appWith({
    access: accessWith(options),
    signalling: [signalling],
    config: () => ({
      version: '1',
      piIp: '',
      maxClients: 1,
      iceServers: [],
      cameras: [{ ...camera1, name }],
    }),
    health: () => ({
      version: '1',
      uptimeS: 1,
      connectFailures: {},
      cameras: {
        camera1: {
          state: 'lost',
          restarts: 0,
          restartsByCause: {},
          viewers: 0,
          codec: 'vp8',
          packets: 0,
          keyframes: 0,
        },
      },
    }),
  })
  const env = { client: { address: '192.0.2.1', isSecure: false, forwardedHosts: [], prefix } }
  return async (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    await app.request(path, { method, headers: { host: 'pi:8080', ...headers } }, env)
}
const signedIn = { authorization: basic() }
const opened = { ...BROWSER, ...signedIn }

test.each([
  ['/nothing', 404, 'There is nothing at this address.', 'no such address: /nothing'],
  ['/camera9/', 404, 'There is no such camera.', 'there is no camera named camera9'],
  ['/camera1/whep/x', 405, 'This address is for programs.', 'this address has no GET'],
  ['/api/cameras/camera9', 404, 'There is no such camera.', 'camera9'],
])('a person who opens %s reads a sentence', async (path, status, heading, message) => {
  const response = await serve()(path, opened)
  const html = await response.text()
  expect([response.status, response.headers.get('content-type')]).toEqual([
    status,
    'text/html; charset=utf-8',
  ])
  expect(html).toContain(`<h1>${heading}</h1>`)
  expect(html).toContain(message)
  expect(response.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'$/,
  )
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('vary')).toContain('Accept, Sec-Fetch-Mode')
  if (status === 405) expect(response.headers.get('allow')).toBe('PATCH, DELETE')
})

test.each(['/nothing', '/camera9/', '/camera1/whep/x'])('a program gets JSON at %s', async (path) => {
  for (const accept of ['*/*', 'application/json', 'image/avif,*/*']) {
    const response = await serve()(path, { ...signedIn, accept })
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(Object.keys((await response.json()) as object)).toEqual(['error', 'message'])
    expect(response.headers.get('vary')).toContain('Accept, Sec-Fetch-Mode')
  }
})

test('the cameras are listed, their names escaped, with addresses that work from there', async () => {
  const html = await (await serve()('/api/x/y', opened)).text()
  expect(html).toContain('<li><a href="../../"><bdi>All cameras</bdi></a></li>')
  expect(html).toContain(
    '<li><a href="../../camera1/"><bdi>&#60;Bird &#38; &#34;box&#34;&#62;</bdi></a></li>',
  )
  expect(await (await serve(undefined, '/cams')('/x', opened)).text()).toContain('href="/cams/camera1/"')
})

test('the requested address is escaped', async () => {
  const html = await (await serve()('/<script>alert(1)</script>', opened)).text()
  expect(html).not.toContain('<script>')
})

describe('no camera is named', () => {
  test('to a person who may not watch', async () => {
    const wrong = await serve()('/nothing', { ...BROWSER, authorization: basic('anna', 'wrong') })
    const html = await wrong.text()
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([
      401,
      'Basic realm="rpi-webrtc", charset="UTF-8"',
    ])
    expect(html).toContain('<a href="./sign-in?to=nothing"><bdi>Sign in</bdi></a>')
    expect(html).not.toContain('Bird')
  })

  test('under a host name that is not ours, and the sentence to copy has no backslash', async () => {
    const response = await serve({})('/nothing', { ...BROWSER, host: 'evil.example' })
    const html = await response.text()
    expect(response.status).toBe(421)
    expect(html).toContain('write names = [&#34;evil.example&#34;] under [server]')
    expect(html).not.toContain('Bird')
  })
})

test('a person who may only watch is shown where to sign in for more', async () => {
  const response = await serve()('/api/viewers', { ...BROWSER, authorization: `Bearer ${TOKEN}` })
  expect(response.status).toBe(403)
  expect(await response.text()).toContain(
    '<a href="../sign-in?to=api%2Fviewers"><bdi>Sign in with user name and password</bdi></a>',
  )
})

test('a person who has to wait reads for how long', async () => {
  const request = serve()
  for (let i = 0; i < 6; i++) await request('/', { ...BROWSER, authorization: basic('anna', `guess ${i}`) })
  const response = await request('/', opened)
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1'])
  expect(await response.text()).toMatch(
    /Too many wrong attempts came from your network\.[^]*Wait one second, then/,
  )
})

test('JSON that is no error stays JSON', async () => {
  const response = await serve()('/health', opened)
  expect([response.status, await response.json()]).toMatchObject([503, { status: 'degraded' }])
})
