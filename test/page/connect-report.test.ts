import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { parseClientMessage } from '../../src/signalling/websocket-messages.js'
import { connectReport, reportUntilPlaying } from '../../static/connect-report.js'
import { action, cameraWarnings, countdown, describe } from '../../static/messages.js'
import { isSignedOut } from '../../static/signed-out.js'
import { english } from './word-tables.js'

const stats = (about: { framesDecoded?: number } = {}): Map<string, object> =>
  new Map<string, object>([
    ['t', { type: 'transport', dtlsState: 'connecting' }],
    ['l1', { type: 'local-candidate', candidateType: 'host' }],
    ['l2', { type: 'local-candidate', candidateType: 'host' }],
    ['l3', { type: 'local-candidate', candidateType: 'prflx' }],
    ['r', { type: 'remote-candidate', candidateType: 'host' }],
    ['p1', { type: 'candidate-pair', requestsSent: 7, responsesReceived: 0, requestsReceived: 2 }],
    ['p2', { type: 'candidate-pair', requestsSent: 5 }],
    [
      'v',
      {
        type: 'inbound-rtp',
        kind: 'video',
        packetsReceived: 3,
        bytesReceived: 900,
        packetsLost: -1,
        ...about,
      },
    ],
  ])

const report = {
  host: 2,
  srflx: 1,
  relay: 0,
  pairs: 2,
  requestsSent: 12,
  responsesReceived: 0,
  requestsReceived: 2,
  dtls: 'connecting',
  packetsReceived: 3,
  bytesReceived: 900,
  packetsLost: 0,
  framesDecoded: 0,
}

test('the report sums the pairs and counts the candidates, and the server accepts it', () => {
  const connecting = connectReport(stats())
  expect(connecting).toEqual(report)
  expect(parseClientMessage(JSON.stringify({ connecting }))).toEqual({ type: 'connecting', report })
})

test('a browser without statistics has a report too, which the server accepts', () => {
  const connecting = connectReport(new Map([['t', { type: 'transport', dtlsState: 'odd' }]]))
  expect(connecting).toMatchObject({ host: 0, pairs: 0, dtls: 'new' })
  expect(() => parseClientMessage(JSON.stringify({ connecting }))).not.toThrow()
})

const peer = (framesDecoded = 0) => ({
  connectionState: 'connecting',
  getStats: async () => await Promise.resolve(stats({ framesDecoded })),
})
const start = (of: object, send: () => void) => reportUntilPlaying(of as RTCPeerConnection, send)

test('reports follow one another, and end after some', async () => {
  const send = vi.fn()
  start(peer(), send)
  await vi.advanceTimersByTimeAsync(1900)
  expect(send).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(200)
  expect(send).toHaveBeenCalledExactlyOnceWith(report)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(send).toHaveBeenCalledTimes(8)
})

test('a video that plays is not reported, nor a peer that is closed, nor one that was replaced', async () => {
  const send = vi.fn()
  start(peer(1), send)
  start({ ...peer(), connectionState: 'closed' }, send)
  const stop = start(peer(), send)
  await vi.advanceTimersByTimeAsync(1000)
  stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(send).not.toHaveBeenCalled()
})

const failure = {
  cause: 'no-reply',
  message: 'No reply gets back.',
  hint: 'Check the firewall.',
  parameters: {},
}

test('a tile without video shows the cause and what to do', () => {
  for (const state of ['connecting', 'waiting', 'reconnecting'] as const)
    expect(describe({ state, failure }, english)).toMatchObject({
      headline: 'No connection for video',
      detail: 'No reply gets back.',
      hint: 'Check the firewall.',
    })
  expect(describe({ state: 'lost', failure, camera: { message: 'Unplugged' } }, english).detail).toBe(
    'Unplugged',
  )
  expect(cameraWarnings({ state: 'live', failure }, english)).toBe('No reply gets back. Check the firewall.')
})

test('a page that is signed out offers to sign in, and tries again silently', () => {
  const now = { state: 'reconnecting', error: { code: 'signed-out', message: '' } } as const
  expect(describe(now, english).headline).toBe('Signed out')
  expect(action({ ...now, retryInMs: 0 }, english)).toBe('Sign in')
  expect(countdown({ ...now, attempt: 3, retryInMs: 4000 }, english)).toBe('')
})

const root = new URL('http://home.example/cams/')
test.each([
  ['shows only its state', Response.json({ status: 'ok' }), true],
  ['shows its version', Response.json({ status: 'degraded', version: '1' }, { status: 503 }), false],
  ['rejects the credentials', new Response('', { status: 401 }), true],
  ['answers with the page of a proxy', new Response('<html>', { status: 502 }), false],
])('a server that %s: signed out is %s', async (_title, response, expected) => {
  const fetched = vi.fn(async () => await Promise.resolve(response))
  vi.stubGlobal('fetch', fetched)
  expect(await isSignedOut(root, '?token=a%26b&stats=true')).toBe(expected)
  expect(fetched).toHaveBeenCalledWith(new URL('http://home.example/cams/health?token=a%26b'), {
    cache: 'no-store',
  })
})

test('a server that is away says nothing about credentials', async () => {
  vi.stubGlobal('fetch', async () => await Promise.reject(new TypeError('Failed to fetch')))
  expect(await isSignedOut(root, '')).toBe(false)
})

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})
