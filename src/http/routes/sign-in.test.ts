import { describe, expect, test } from 'vitest'
import {
  accessWith,
  basic,
  PASSWORD,
  quickHash,
  TOKEN,
  USERNAME,
  type AccessOptions,
} from '../../../test/support/access.js'
import { appWith } from '../../../test/support/app.js'
import { camera1 } from '../../../test/support/camera-facts.js'

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const both = { password: PASSWORD, token: TOKEN }
const right = { username: USERNAME, password: PASSWORD }

/** A server at http://pi:8080, and how a browser opens an address or sends the form there. */
function serve(
  options: AccessOptions = both,
  client?: { address?: string; prefix?: string; isSecure?: boolean },
) {
  const clock = { ms: 1_800_000_000_000 }
  const app = appWith({
    access: accessWith({ nowMs: () => clock.ms, ...options }),
    config: () => ({ version: '1', piIp: '', maxClients: 1, iceServers: [], cameras: [camera1] }),
  })
  const env = { client: { address: '192.0.2.1', isSecure: false, forwardedHosts: [], prefix: '', ...client } }
  const request = async (
    path: string,
    init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  ) => await app.request(path, { ...init, headers: { host: 'pi:8080', ...init.headers } }, env)
  const open = async (path: string, headers = {}) =>
    await request(path, { headers: { ...BROWSER, ...headers } })
  const send = async (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    await request('/sign-in', {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: {
        ...BROWSER,
        origin: 'http://pi:8080',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
    })
  return { clock, open, send, request }
}

describe('a page that is opened without credentials', () => {
  test('is the form, which leads back to it', async () => {
    const response = await serve().open('/camera1/?view=kiosk&a="><script>')
    const html = await response.text()
    expect(response.status).toBe(401)
    expect(html).toContain('<form id="form" method="post" action="../sign-in">')
    expect(html).toContain('name="to" value="camera1/?view=kiosk&#38;a=%22%3E%3Cscript%3E"')
    expect(html).toContain('autocomplete="username"')
    expect(html).toContain('autocomplete="current-password"')
  })

  test('has no challenge that a browser knows, is not stored, and varies by what decides', async () => {
    const { headers } = await serve().open('/')
    expect(headers.get('www-authenticate')).toBe('Cookie realm="rpi-webrtc"')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('vary')).toContain('Accept, Sec-Fetch-Mode')
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'$/,
    )
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test.each([
    ['curl', { accept: '*/*' }],
    ['an Authorization header', { authorization: basic(USERNAME, 'wrong') }],
    ['a script', { 'sec-fetch-mode': 'cors' }],
  ])('is a Basic challenge for %s', async (_what, headers) => {
    const response = await serve().open('/', headers)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="rpi-webrtc", charset="UTF-8"')
  })

  test('names no camera', async () => {
    expect(await (await serve().open('/')).text()).not.toContain(camera1.name)
    expect(await (await serve().open('/', { authorization: basic('x', 'y') })).text()).not.toContain(
      camera1.name,
    )
  })

  test('below a path of a proxy it leads there', async () => {
    const html = await (await serve(both, { prefix: '/cams' }).open('/')).text()
    expect(html).toContain('action="/cams/sign-in"')
  })
})

describe('the form', () => {
  test('with the right name and password sets the cookie, and returns', async () => {
    const { send, open } = serve()
    const response = await send({ ...right, to: 'camera1/?view=kiosk#x' })
    expect([response.status, response.headers.get('location')]).toEqual([303, './camera1/?view=kiosk#x'])
    const cookie = response.headers.get('set-cookie')!
    expect(cookie).toMatch(/^rpi-webrtc-8080=admin\.[^;]+; HttpOnly; SameSite=Strict$/)
    const page = await open('/camera1/', { cookie: cookie.split(';')[0]! })
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('"may_administer":true')
  })

  test('sets the same cookie as a page that is loaded with Basic', async () => {
    const client = { prefix: '/cams', isSecure: true }
    const attributes = ({ headers }: Response) => headers.get('set-cookie')!.split('; ').slice(1)
    const byForm = attributes(await serve(both, client).send(right))
    expect(byForm).toEqual(attributes(await serve(both, client).open('/', { authorization: basic() })))
    expect(byForm).toContain('Path=/cams/')
    expect(byForm).toContain('Secure')
    expect(attributes(await serve().send(right))).toEqual(
      attributes(await serve().open('/', { authorization: basic() })),
    )
  })

  test('with a wrong password says so, keeps the name, and nothing else', async () => {
    const response = await serve().send({ username: '"><b>', password: 'secret guess', to: 'camera1/' })
    const html = await response.text()
    expect([response.status, response.headers.get('set-cookie')]).toEqual([401, null])
    expect(response.headers.get('www-authenticate')).toBe('Cookie realm="rpi-webrtc"')
    expect(html).toContain('role="alert">The user name or the password is wrong.')
    expect(html).toMatch(/id="secret"[^>]* autofocus aria-describedby="problem" aria-invalid="true">/)
    expect(html).toContain('value="&#34;&#62;&#60;b&#62;"')
    expect(html).toContain('value="camera1/"')
    expect(html).not.toContain('secret guess')
  })

  test('and Basic share the attempts of an address', async () => {
    const { send, open, clock } = serve({ password: quickHash(PASSWORD) })
    for (let i = 0; i < 3; i++) await send({ ...right, password: `guess ${i}` })
    for (let i = 0; i < 3; i++) await open('/', { authorization: basic(USERNAME, `other ${i}`) })
    const refused = await send(right)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(await refused.text()).toContain('Wait one second, then try again.')
    expect((await open('/', { authorization: basic() })).status).toBe(429)
    clock.ms += 1000
    expect((await send({ ...right, password: 'seventh' })).status).toBe(401)
    const longer = await (await send(right)).text()
    expect(longer).toContain('data-wait="2"')
    expect(longer).toContain('Wait 2 seconds, then try again.')
    clock.ms += 2000
    expect((await send(right)).status).toBe(303)
  })

  test('repeated with the same wrong password is not another attempt', async () => {
    const { send } = serve()
    for (let i = 0; i < 20; i++) expect((await send({ ...right, password: 'wrong' })).status).toBe(401)
    expect((await send(right)).status).toBe(303)
  })

  test.each(['http://evil.example', 'null', 'http://pi:3000'])(
    'of a page of %s is refused',
    async (origin) => {
      const response = await serve().send(right, { origin })
      expect([response.status, response.headers.get('set-cookie')]).toEqual([403, null])
      expect(await response.text()).toContain('A page of another site may not do this.')
    },
  )

  test('of a page that only "*" allows is refused, and cannot use up attempts', async () => {
    const { send } = serve({ ...both, allowOrigins: ['*'] })
    const origin = 'http://evil.example'
    for (let i = 0; i < 10; i++)
      expect((await send({ ...right, password: `guess ${i}` }, { origin })).status).toBe(403)
    expect((await send(right)).status).toBe(303)
  })

  test('of another type or of too many bytes is refused', async () => {
    const { send } = serve()
    expect((await send(right, { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await send({ ...right, to: 'x'.repeat(17_000) })).status).toBe(413)
    expect((await send({})).status).toBe(401)
  })

  test('answers programs with JSON', async () => {
    const response = await serve().send({ ...right, password: 'wrong' }, { accept: '*/*' })
    expect([response.status, await response.json()]).toEqual([
      401,
      { error: 'unauthorized', message: 'authentication required' },
    ])
  })

  test('asks for the token where there is no password', async () => {
    const { open, send } = serve({ token: TOKEN })
    const html = await (await open('/')).text()
    expect(html).toContain('<label for="secret">Token</label>')
    expect(html).not.toContain('name="username"')
    expect(await (await send({ token: 'wrong' })).text()).toContain('The token is wrong.')
    const response = await send({ token: ` ${TOKEN} ` })
    expect([response.status, response.headers.get('set-cookie')]).toEqual([
      303,
      expect.stringMatching(/=watch\./) as string,
    ])
  })

  test('does not accept the token as a password, or a password where there is only a token', async () => {
    expect((await serve().send({ token: TOKEN })).status).toBe(401)
    expect((await serve({ token: TOKEN }).send(right)).status).toBe(401)
  })
})

describe('/sign-in', () => {
  const adminCookie = async ({ send }: ReturnType<typeof serve>): Promise<string> =>
    (await send(right)).headers.get('set-cookie')!.split(';')[0]!

  test('is the form for a stranger and for a client that may only watch', async () => {
    const { open } = serve()
    const response = await open('/sign-in?to=api/viewers')
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('value="api/viewers"')
    expect((await open(`/sign-in?token=${TOKEN}`)).status).toBe(200)
  })

  test('leads on where there is nothing to sign in for', async () => {
    const server = serve()
    const signedIn = await server.open('/sign-in?to=//evil.example/', { cookie: await adminCookie(server) })
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, './//evil.example/'])
    const open = serve({})
    expect((await open.open('/sign-in')).headers.get('location')).toBe('./')
    expect((await open.send({ to: 'camera1/' })).headers.get('location')).toBe('./camera1/')
  })
})

describe('signing out', () => {
  const out = async (server: ReturnType<typeof serve>, headers: Record<string, string> = {}) =>
    await server.request('/sign-out', { method: 'POST', headers: { origin: 'http://pi:8080', ...headers } })

  test('removes the cookie of every path that it may have', async () => {
    const { status, headers } = await out(serve(both, { prefix: '/cams', isSecure: true }))
    const rest = 'HttpOnly; Secure; SameSite=Strict'
    expect([status, headers.getSetCookie()]).toEqual([
      204,
      ['', 'Path=/; ', 'Path=/cams/; '].map((path) => `rpi-webrtc-8080=; Max-Age=0; ${path}${rest}`),
    ])
  })

  test('is refused to a page of another origin', async () => {
    for (const allowOrigins of [[], ['*']]) {
      const response = await out(serve({ ...both, allowOrigins }), { origin: 'http://evil.example' })
      expect([response.status, response.headers.get('set-cookie')]).toEqual([403, null])
    }
  })

  test('is offered to a browser that only its cookie signs in', async () => {
    const server = serve()
    const cookie = (await server.send(right)).headers.get('set-cookie')!.split(';')[0]!
    const offers = async (headers: Record<string, string>, path = '/'): Promise<boolean> =>
      (await (await server.open(path, headers)).text()).includes('"may_sign_out":true')
    expect(await offers({ cookie })).toBe(true)
    expect(await offers({}, `/?token=${TOKEN}`)).toBe(true)
    expect(await offers({ cookie, authorization: basic() })).toBe(false)
    expect(await offers({ authorization: basic() })).toBe(false)
  })
})
