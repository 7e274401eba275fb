import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openScript, type ScriptedReply } from '../../test/support/http-script.js'
import { PushError } from './push-error.js'
import { publish, remove, type WhipServer } from './whip-client.js'

const OFFER = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n'
const server = (url: string): WhipServer => ({ url, authorization: 'Bearer t0ken', secrets: ['t0ken'] })
const never = new AbortController().signal

const published = async (reply: ScriptedReply, path = '/whip/a') => {
  const script = await openScript(() => reply)
  return { script, result: await publish(server(script.origin + path), OFFER, never) }
}

const failureOf = async (attempt: Promise<unknown>): Promise<PushError> => {
  const error = await attempt.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(PushError)
  return error as PushError
}

test('an offer is posted with its type and credentials, and the answer comes back', async () => {
  const { script, result } = await published({
    status: 201,
    headers: { location: '/resource/1', 'content-type': 'application/sdp' },
    body: 'v=0\r\nanswer',
  })
  expect(script.requests).toMatchObject([
    {
      method: 'POST',
      path: '/whip/a',
      body: OFFER,
      headers: { authorization: 'Bearer t0ken', 'content-type': 'application/sdp' },
    },
  ])
  expect(result.answerSdp).toBe('v=0\r\nanswer')
  expect(result.resource?.href).toBe(`${script.origin}/resource/1`)
})

test.each([
  ['relative to the path', 'session/1', '/whip/session/1'],
  ['absolute', '/x?id=1', '/x?id=1'],
  ['without one', undefined, undefined],
  ['of another scheme', 'ftp://127.0.0.1/x', undefined],
  ['that is none', 'http://', undefined],
])('a Location %s', async (_what, location, path) => {
  const { script, result } = await published({
    status: 201,
    headers: location === undefined ? {} : { location },
    body: 'v=0',
  })
  expect(result.resource?.href).toBe(path === undefined ? undefined : script.origin + path)
})

test('an answer of another type, or with 200, is taken for what it is', async () => {
  const { result } = await published({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'v=0' })
  expect(result.answerSdp).toBe('v=0')
})

test('a session whose answer is no description is ended', async () => {
  const script = await openScript(() => ({ status: 201, headers: { location: '/r/1' }, body: '<html>' }))
  const error = await failureOf(publish(server(script.origin), OFFER, never))
  expect(error.problem.cause).toBe('push-no-answer')
  expect(script.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /', 'DELETE /r/1'])
})

describe('a refusal', () => {
  test.each([
    [400, 'push-bad-request'],
    [401, 'push-unauthorized'],
    [403, 'push-forbidden'],
    [404, 'push-not-found'],
    [405, 'push-no-whip'],
    [406, 'push-not-acceptable'],
    [409, 'push-conflict'],
    [415, 'push-media-type'],
    [422, 'push-unprocessable'],
    [429, 'push-too-many-requests'],
    [500, 'push-server-error'],
    [502, 'push-server-error'],
    [503, 'push-unavailable'],
    [302, 'push-redirect-kind'],
    [204, 'push-unexpected-status'],
    [418, 'push-unexpected-status'],
  ])('%i has a sentence and what to do', async (status, cause) => {
    const script = await openScript(() => ({ status }))
    const { problem } = await failureOf(publish(server(script.origin), OFFER, never))
    expect(problem).toMatchObject({ cause, message: expect.stringContaining(`HTTP ${status}`) as string })
    expect(problem.hint).toMatch(/^[A-Z].*\.$/s)
  })

  test('quotes what the server says, without our secrets, markup and line ends', async () => {
    const body = `<p>stream\u0000 "a"\r\nis busy, t0ken</p>${'x'.repeat(500)}`
    const script = await openScript(() => ({ status: 403, body }))
    const { problem } = await failureOf(publish(server(script.origin), OFFER, never))
    expect(problem.message).toMatch(/: "stream a is busy, \*\*\* x{100,}\.\.\."\.$/)
  })

  test('hides all of a secret that begins with another one', async () => {
    const script = await openScript(() => ({ status: 403, body: 't0ken-of-turn is wrong' }))
    const secrets = ['t0ken', 't0ken-of-turn']
    const { problem } = await failureOf(publish({ ...server(script.origin), secrets }, OFFER, never))
    expect(problem.message).toMatch(/: "\*\*\* is wrong"\.$/)
  })

  test.each([
    ['seconds', '7', 7000],
    ['too many seconds', '99999', 300_000],
    ['a date that is over', 'Wed, 21 Oct 2015 07:28:00 GMT', 0],
    ['nonsense', 'soon', undefined],
  ])('with a Retry-After of %s', async (_what, value, waitMs) => {
    const script = await openScript(() => ({ status: 503, headers: { 'retry-after': value } }))
    const { retryAfterMs } = await failureOf(publish(server(script.origin), OFFER, never))
    expect(retryAfterMs).toBe(waitMs)
  })
})

describe('no response', () => {
  test('from a port without a server', async () => {
    const script = await openScript(() => ({ status: 201 }))
    await script.close()
    const { problem } = await failureOf(publish(server(script.origin), OFFER, never))
    expect(problem).toMatchObject({ cause: 'push-refused' })
  })

  test('from a name that does not exist', async () => {
    const { problem } = await failureOf(publish(server('http://nobody.invalid/'), OFFER, never))
    expect(problem.cause).toBe('push-dns')
  })

  test.each<[string, string, string]>([
    ['plain HTTP on an https port', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'push-tls'],
  ])('%s', async (_what, says, cause) => {
    const port = await openRaw(says)
    const { problem } = await failureOf(publish(server(`https://127.0.0.1:${port}/`), OFFER, never))
    expect(problem.cause).toBe(cause)
  })

  test.each([
    ['something else than HTTP', 'SSH-2.0-OpenSSH\r\n'],
    ['nothing, and a closed connection', ''],
  ])('%s', async (_what, says) => {
    const port = await openRaw(says)
    const { problem } = await failureOf(publish(server(`http://127.0.0.1:${port}/`), OFFER, never))
    expect(problem.cause).toBe('push-no-response')
  })

  test('a body without end is cut', async () => {
    const script = await openScript(() => ({ status: 201, body: Buffer.alloc(65_537), unfinished: true }))
    const { problem } = await failureOf(publish(server(script.origin), OFFER, never))
    expect(problem.cause).toBe('push-answer-too-large')
  })

  test('an abort ends the request at once, with its reason', async () => {
    const script = await openScript(async () => await new Promise<never>(() => {}))
    const stop = new AbortController()
    const attempt = publish(server(script.origin), OFFER, stop.signal)
    setImmediate(() => stop.abort(new Error('the end')))
    await expect(attempt).rejects.toThrow('the end')
  })
})

test('a session is ended with the same credentials, and a server that is away is no error', async () => {
  const script = await openScript(() => ({ status: 200 }))
  await remove(server(script.origin), new URL('/r/1', script.origin))
  expect(script.requests).toMatchObject([
    { method: 'DELETE', path: '/r/1', headers: { authorization: 'Bearer t0ken' } },
  ])
  await script.close()
  await remove(server(script.origin), new URL('/r/1', script.origin))
})

/** Says the same to everybody, and closes. @returns its port. */
async function openRaw(says: string): Promise<number> {
  const raw = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(says))
  })
  raw.listen(0, '127.0.0.1')
  await once(raw, 'listening')
  onTestFinished(() => void raw.close())
  return (raw.address() as AddressInfo).port
}
