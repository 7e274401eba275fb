import { request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePorts, startProgram, type Program } from '../support/program.js'
import { fluiddOffer } from './offers.js'

/** The ways in which WHEP clients ask: each is right, or the answer says what was wrong. */

let program: Program
beforeAll(async () => {
  const [camera] = await freePorts(1)
  program = await startProgram({
    tables: `[camera1]\ndevice = "rtp://127.0.0.1:${camera}"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\nmax-clients = 100\n[limits]\noffer-burst = 100\n`,
  })
})
afterAll(async () => await program[Symbol.asyncDispose]())

interface Ask {
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
}

async function ask(path: string, { method = 'POST', headers = {}, body }: Ask = {}) {
  const asked = request({ host: '127.0.0.1', port: program.webPort, path, method, headers, agent: false })
  asked.end(body)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
  const { statusCode: status = 0, headers: answered } = response
  return { status, headers: answered, text, error: /"error":"([^"]+)"/.exec(text)?.[1] }
}

/** @returns the path of the session. */
const sessionAt = (path: string, location: string | undefined): string =>
  new URL(location!, `${program.url}/`.replace(/\/$/, path)).pathname

const sdp = { 'content-type': 'application/sdp' }
const offer = fluiddOffer

test.each<[string, string, Record<string, string>]>([
  ['the right way', '/camera1/whep', sdp],
  ['with a slash at the end', '/camera1/whep/', sdp],
  ['with two slashes', '//camera1/whep', sdp],
  ['in the order of MediaMTX', '/whep/camera1', sdp],
  ['without a content type', '/camera1/whep', {}],
  ['as text', '/camera1/whep', { 'content-type': 'text/plain;charset=UTF-8' }],
  ['as a form', '/camera1/whep', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['with a charset', '/camera1/whep', { 'content-type': 'application/sdp; charset=utf-8' }],
  ['for any answer', '/camera1/whep', { ...sdp, accept: '*/*' }],
  ['for HTML', '/camera1/whep', { ...sdp, accept: 'text/html' }],
  ['with a token that is not needed', '/camera1/whep', { ...sdp, authorization: 'Bearer abc' }],
  ['in chunks', '/camera1/whep', { ...sdp, 'transfer-encoding': 'chunked' }],
  ['with an upgrade to HTTP/2', '/camera1/whep', { ...sdp, connection: 'Upgrade', upgrade: 'h2c' }],
])('an offer %s gets a session, which can be ended', async (_how, path, headers) => {
  const answer = await ask(path, { headers, body: offer })
  expect([answer.status, answer.error]).toEqual([201, undefined])
  const session = sessionAt(path, answer.headers.location)
  expect((await ask(`${session}/`, { method: 'DELETE' })).status).toBe(200)
  expect((await ask(session, { method: 'DELETE' })).error).toBe('no-such-viewer')
})

test.each<[string, string, Ask, number, string]>([
  ['a camera in capitals', '/Camera1/whep', { headers: sdp, body: offer }, 404, 'no-such-camera'],
  ['an empty body', '/camera1/whep', { headers: sdp, body: '' }, 400, 'bad-offer'],
  [
    'a compressed body',
    '/camera1/whep',
    { headers: { ...sdp, 'content-encoding': 'gzip' }, body: gzipSync(offer) },
    415,
    'unsupported-media-type',
  ],
  ['GET', '/camera1/whep', { method: 'GET' }, 405, 'method-not-allowed'],
])('%s gets an error that says what was wrong', async (_what, path, about, status, error) => {
  const answer = await ask(path, about)
  expect([answer.status, answer.error]).toEqual([status, error])
})

test('an offer that expects 100 Continue is sent on', async () => {
  const headers = { ...sdp, expect: '100-continue', 'content-length': String(Buffer.byteLength(offer)) }
  const asked = request({
    host: '127.0.0.1',
    port: program.webPort,
    path: '/camera1/whep',
    method: 'POST',
    headers,
    agent: false,
  })
  asked.flushHeaders()
  await once(asked, 'continue')
  asked.end(offer)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  expect(response.statusCode).toBe(201)
})

test('a browser is sent to the page, and a preflight allows what players ask for', async () => {
  const page = await ask('/camera1/whep', { method: 'GET', headers: { accept: 'text/html' } })
  expect([page.status, sessionAt('/camera1/whep', page.headers.location)]).toEqual([303, '/camera1/'])
  const preflight = await ask('/camera1/whep', {
    method: 'OPTIONS',
    headers: {
      origin: 'https://ha.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-requested-with',
      'access-control-request-private-network': 'true',
    },
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers['access-control-allow-headers']).toMatch(/Content-Type.*Range.*X-Requested-With/)
  expect(preflight.headers['access-control-allow-private-network']).toBe('true')
})

test('a session accepts candidates with and without If-Match, and the end of candidates alone', async () => {
  const answer = await ask('/camera1/whep', { headers: sdp, body: offer })
  const session = sessionAt('/camera1/whep', answer.headers.location)
  const fragment = { 'content-type': 'application/trickle-ice-sdpfrag' }
  const patch = async (body: string, headers: Record<string, string> = fragment) =>
    (await ask(session, { method: 'PATCH', headers, body })).status
  const candidate = 'a=mid:0\r\na=candidate:1 1 udp 2130706431 192.0.2.5 50000 typ host\r\n'
  expect(await patch(candidate)).toBe(204)
  expect(await patch(candidate, { ...fragment, 'if-match': '*' })).toBe(204)
  expect(await patch(candidate, { ...fragment, 'if-match': answer.headers.etag! })).toBe(204)
  expect(await patch('a=end-of-candidates\r\n')).toBe(204)
  expect(await patch('{"candidate":"candidate:1"}', { 'content-type': 'application/json' })).toBe(415)
  expect((await ask(session, { method: 'DELETE' })).status).toBe(200)
})
