import { afterEach, expect, test, vi } from 'vitest'
import { createSettingsApi } from '../../static/settings-api.js'
import { FakeControlsApi, moduleControls } from '../fakes/controls-api.js'
import { words } from '../../static/page-words.js'
import { tableOf } from './word-tables.js'

words.add(tableOf('en'))

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** The page's API in front of a fake server. */
function connected() {
  const server = new FakeControlsApi(moduleControls())
  vi.stubGlobal('fetch', async (address: string, { method = 'GET', body, signal }: RequestInit) => {
    const json: unknown = typeof body === 'string' ? JSON.parse(body) : undefined
    const aborted = new Promise<never>((_resolve, reject) => {
      signal!.addEventListener('abort', () => reject(signal!.reason as Error))
    })
    const answer = await Promise.race([
      server.answer({ method, path: address.replace('http://pi/cams', ''), body: json }),
      aborted,
    ])
    if (answer === undefined) throw new TypeError('Failed to fetch')
    return new Response(typeof answer.json === 'string' ? answer.json : JSON.stringify(answer.json), {
      status: answer.status,
    })
  })
  return { server, api: createSettingsApi('camera1', new URL('http://pi/cams/')) }
}

test('settings are read, changed and saved', async () => {
  const { server, api } = connected()
  expect((await api.read()).unsaved).toBe(false)
  const { unsaved, controls } = await api.change({ brightness: 0.3, awb: 'daylight' })
  expect(unsaved).toBe(true)
  expect(controls.find(({ name }) => name === 'brightness')?.value).toBe(0.3)
  expect((await api.save()).changed).toEqual(['awb', 'brightness'])
  expect(
    (await api.change({ brightness: null })).controls.find(({ name }) => name === 'brightness')?.value,
  ).toBe(0)
  expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /api/cameras/camera1/controls',
    'PATCH /api/cameras/camera1/controls',
    'POST /api/cameras/camera1/controls/save',
    'PATCH /api/cameras/camera1/controls',
  ])
})

test('a rejected change has the sentence of the server', async () => {
  const { api } = connected()
  await expect(api.change({ 'exposure-time-us': 5 })).rejects.toMatchObject({
    message: 'exposure-time-us: 5 is too small: from 100 to 200000',
    retryable: false,
    rejected: true,
  })
})

test.each([
  [{ status: 401, json: {} }, /no longer signed in/, { retryable: false, rejected: true }],
  [
    { status: 403, json: { message: 'the token grants the right to watch only' } },
    /^Only administrators.*watch only$/,
    { retryable: false },
  ],
  [
    { status: 409, json: { message: 'The driver refused', hint: 'Unplug it' } },
    /^The driver refused\. Unplug it$/,
    { retryable: false, rejected: false },
  ],
  [{ status: 503, json: { message: 'later' } }, /^later$/, { retryable: true, rejected: false }],
  [{ status: 502, json: '<html>' }, /^The server answered with status 502\.$/, { retryable: true }],
  [{ status: 200, json: '<html>' }, /cannot be read/, { retryable: false }],
  ['unreachable', /does not answer/, { retryable: true, rejected: false }],
] as const)('the answer %j becomes a sentence', async (answer, message, about) => {
  const { server, api } = connected()
  server.instead.push(answer)
  const failure: unknown = await api.change({ brightness: 0 }).catch((error: unknown) => error)
  expect(failure).toMatchObject({ message: expect.stringMatching(message) as string, ...about })
})

test('a server that never answers is reported after a while', async () => {
  vi.useFakeTimers()
  const { server, api } = connected()
  server.held = new Promise(() => {})
  const failure = expect(api.read()).rejects.toMatchObject({
    message: 'The server did not answer within 15 seconds.',
    retryable: true,
  })
  await vi.advanceTimersByTimeAsync(15_000)
  await failure
})
