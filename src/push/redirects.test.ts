import { expect, test } from 'vitest'
import { openScript, type ScriptedReply } from '../../test/support/http-script.js'
import { mayFollow, nextUrl, sendFollowing } from './redirects.js'

const post = async (url: string) =>
  await sendFollowing({
    method: 'POST',
    url: new URL(url),
    authorization: 'Bearer t0ken',
    sdp: 'v=0\r\n',
    limitMs: 10_000,
  })

const redirect = (status: number, location?: string): ScriptedReply => ({
  status,
  ...(location !== undefined && { headers: { location } }),
})

test.each([307, 308])('two redirects (%i) are followed with method, body and credentials', async (status) => {
  const end = await openScript(() => ({ status: 201, body: 'v=0 end' }))
  const middle = await openScript(({ path }) =>
    redirect(status, path === '/a' ? '/b?x=1' : `${end.origin}/c`),
  )
  const response = await post(`${middle.origin}/a`)
  expect(response).toMatchObject({ status: 201, body: 'v=0 end' })
  expect(response.url.href).toBe(`${end.origin}/c`)
  expect(middle.requests.map(({ path }) => path)).toEqual(['/a', '/b?x=1'])
  expect(end.requests[0]).toMatchObject({ method: 'POST', body: 'v=0\r\n', path: '/c' })
  expect(end.requests[0]!.headers).toMatchObject({
    authorization: 'Bearer t0ken',
    'content-type': 'application/sdp',
  })
})

test.each<[string, (path: string) => ScriptedReply, string, number]>([
  ['a circle', (path) => redirect(307, path === '/a' ? '/b' : '/a'), 'push-redirect-loop', 2],
  ['the same address', (path) => redirect(307, path), 'push-redirect-loop', 1],
  ['without end', (path) => redirect(307, `${path}a`), 'push-too-many-redirects', 6],
  ['without an address', () => redirect(307), 'push-redirect-nowhere', 1],
  ['to no address', () => redirect(307, 'http://'), 'push-redirect-nowhere', 1],
  ['to another scheme', () => redirect(307, 'ftp://127.0.0.1/'), 'push-redirect-refused', 1],
])('a redirect %s is an error with a sentence', async (_how, reply, cause, requests) => {
  const server = await openScript(({ path }) => reply(path))
  await expect(post(`${server.origin}/a`)).rejects.toMatchObject({ problem: { cause } })
  expect(server.requests).toHaveLength(requests)
})

test.each([301, 302, 303])('%i is not followed', async (status) => {
  const server = await openScript(() => redirect(status, '/b'))
  expect((await post(`${server.origin}/a`)).status).toBe(status)
  expect(server.requests).toHaveLength(1)
})

test.each([
  ['http://a.example/', 'https://b.example/', true],
  ['http://a.example/', 'http://b.example/', true],
  ['https://a.example/', 'https://b.example/', true],
  ['https://a.example/', 'http://a.example/', false],
  ['https://a.example/', 'ws://a.example/', false],
  ['http://a.example/', 'http://127.0.0.1:8080/', false],
  ['http://a.example/', 'http://[::1]/', false],
  ['http://a.example/', 'http://localhost/', false],
  ['http://a.example/', 'http://0.0.0.0/', false],
  ['http://127.0.0.1/', 'http://localhost/', true],
])('from %s to %s: %s', (from, to, follows) => expect(mayFollow(new URL(from), new URL(to))).toBe(follows))

test('a name in the address of a redirect is dropped', () =>
  expect(nextUrl(new URL('http://a.example/'), 'http://u:p@b.example/x#y').href).toBe('http://b.example/x'))

test('a response tells every address that it came from', async () => {
  const server = await openScript(({ path }) => (path === '/a' ? redirect(307, '/b') : { status: 201 }))
  expect((await post(`${server.origin}/a`)).addresses).toEqual(['127.0.0.1', '127.0.0.1'])
})
