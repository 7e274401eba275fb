import { afterEach, describe, expect, test, vi } from 'vitest'
import { readSettings } from '../../static/embed-settings.js'
import { addressOf, parseSource } from '../../static/embed-source.js'
import { isFailed, reportOf } from '../../static/player-report.js'
import { reasonOfError } from '../../static/reasons.js'
import type { Connection } from '../../static/connection.js'
import type { SessionError } from '../../static/session.js'
import { english } from './word-tables.js'

/** What <rpi-camera> decides without elements of a page. e2e/rpi-camera.spec.ts has the rest. */

const page = new URL('http://printer.example/panel/')
const urlOf = (src: string, token = ''): string => {
  const source = parseSource(src, token, page)
  return addressOf(source, `${source.key}/ws`)
}

test.each([
  ['http://pi:8080/camera1', 'http://pi:8080/camera1/ws'],
  ['http://pi:8080/camera12/', 'http://pi:8080/camera12/ws'],
  ['https://home.example/cams/camera1', 'https://home.example/cams/camera1/ws'],
  ['/webcam/camera2', 'http://printer.example/webcam/camera2/ws'],
  ['camera1', 'http://printer.example/panel/camera1/ws'],
  ['http://[fe80::1]:8080/camera1', 'http://[fe80::1]:8080/camera1/ws'],
  ['http://pi/camera1?token=a%2Bb#x', 'http://pi/camera1/ws?token=a%2Bb'],
])('src %s has the socket %s', (src, socket) => expect(urlOf(src)).toBe(socket))

test('the attribute token goes before the one in the address', () =>
  expect(urlOf('http://pi/camera1?token=old', 'new')).toBe('http://pi/camera1/ws?token=new'))

test.each([
  [null, 'missing'],
  ['', 'missing'],
  ['http://pi:8080', 'not the address of a camera'],
  ['http://pi:8080/camera1/whep', 'not the address of a camera'],
  ['http://pi:8080/camera0', 'not the address of a camera'],
  ['http://:::/camera1', 'not the address of a camera'],
  ['rtsp://pi/camera1', 'not the address of a camera'],
  ['javascript:alert(1)//camera1', 'not the address of a camera'],
  ['http://anna:pw@pi/camera1', 'a name and a password'],
])('src %j is refused for good, with what to write', (src, reason) => {
  const refusal = (): SessionError => {
    try {
      throw new Error(parseSource(src, '', page).key)
    } catch (error) {
      return error as SessionError
    }
  }
  expect(refusal()).toMatchObject({ code: 'bad-src', isFinal: true })
  const { message, hint } = reasonOfError(refusal(), english)
  expect(message).toContain(reason)
  expect(hint).toMatch(/\S/)
})

test('an https page can use https and this machine only', () => {
  const secure = new URL('https://home.example/')
  const codeOf = (src: string): string => {
    try {
      return parseSource(src, '', secure).key
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  expect(codeOf('http://pi:8080/camera1')).toBe('mixed-content')
  expect(['https://pi', 'http://localhost', 'http://127.0.0.1'].map((at) => codeOf(`${at}/camera1`))).toEqual(
    ['camera1', 'camera1', 'camera1'],
  )
})

describe('the settings', () => {
  afterEach(() => vi.unstubAllGlobals())
  const source = parseSource('http://pi:8080/cams/camera2', 'secret', page)
  const camera = { key: 'camera2', name: 'Garden', snapshot: '../camera2/snapshot.jpg', ws: '../camera2/ws' }
  const iceServers = [{ urls: 'stun:192.0.2.9:3478' }]
  const config = { max_clients: 4, ice_servers: iceServers, cameras: [{ ...camera, key: 'camera1' }, camera] }
  const json = (body: unknown, status = 200): Response => Response.json(body, { status })

  /** Answers as a browser lets the page see it: `null` is a failed request. */
  const read = async (answers: Record<string, Response | null>) => {
    const asked: string[] = []
    vi.stubGlobal('fetch', async (url: string, { method = 'GET' }: RequestInit) => {
      asked.push(`${method} ${url}`)
      const answer = answers[method]
      return await (answer ? Promise.resolve(answer) : Promise.reject(new TypeError('Failed to fetch')))
    })
    const settings = await readSettings(source, page.origin, new AbortController().signal).catch(
      (error: unknown) => error,
    )
    return { asked, settings }
  }

  test('are those of the camera, with addresses that have the token', async () => {
    const { asked, settings } = await read({ GET: json(config) })
    expect(asked).toEqual(['GET http://pi:8080/cams/api/config?token=secret'])
    expect(settings).toEqual({
      iceServers,
      camera: {
        ...camera,
        ws: 'http://pi:8080/cams/camera2/ws?token=secret',
        snapshot: 'http://pi:8080/cams/camera2/snapshot.jpg?token=secret',
        maxViewers: 4,
        mayAdminister: false,
      },
    })
  })

  test.each<[string, Record<string, Response | null>, object]>([
    [
      'a wrong token ends it, because the server would lock out the address',
      { GET: json({ error: 'unauthorized', message: '' }, 401) },
      { code: 'unauthorized', isFinal: true, message: 'The camera server rejects the token.' },
    ],
    [
      'another error has the words of the server',
      { GET: json({ error: 'too-many-attempts', message: 'try again later' }, 429) },
      { code: 'too-many-attempts', message: 'try again later' },
    ],
    ['an answer that is none', { GET: new Response('<html>', { status: 502 }) }, { code: 'closed' }],
    ['an empty list of cameras', { GET: json({ cameras: [] }) }, { code: 'no-such-camera', hint: '' }],
    [
      'a camera that is not there',
      { GET: json({ cameras: [{ ...camera, key: 'camera1' }] }) },
      { code: 'no-such-camera', hint: 'It has camera1.' },
    ],
    ['a program that is no rpi-webrtc', { GET: json('hello') }, { code: 'no-such-camera' }],
    [
      'a server that sends its module only does not accept the page',
      { GET: null, HEAD: new Response() },
      { code: 'origin-not-allowed', hint: /^Add "http:\/\/printer\.example" to server\.allow-origins/ },
    ],
    ['a server that sends nothing is away', { GET: null, HEAD: null }, { code: 'closed' }],
  ])('%s', async (_title, answers, error) => {
    const { settings } = await read(answers)
    expect({ ...(settings as object), ...reasonOfError(settings as SessionError, english) }).toMatchObject(
      Object.fromEntries(
        Object.entries(error).map(([name, value]: [string, unknown]) => [
          name,
          value instanceof RegExp ? (expect.stringMatching(value) as unknown) : value,
        ]),
      ),
    )
  })
})

test.each<[string, Partial<Connection>, object]>([
  ['live over WebRTC', { state: 'live', overHttp: false }, { code: '', message: '', transport: 'webrtc' }],
  ['live over HTTP', { state: 'live', overHttp: true }, { code: '', transport: 'http' }],
  [
    'lost: the cause and the words of the server',
    {
      state: 'lost',
      camera: { key: 'camera1', state: 'lost', cause: 'busy', message: 'In use.', hint: 'Stop it.' },
    },
    { code: 'busy', message: 'In use.', hint: 'Stop it.' },
  ],
  ['full', { state: 'full', maxViewers: 4 }, { code: 'camera-full', transport: '' }],
  [
    'no way for packets, before the fallback',
    {
      state: 'connecting',
      failure: { cause: 'no-reply', message: 'No reply.', hint: 'Open it.', parameters: {} },
    },
    { code: 'no-reply', message: 'No reply.', hint: 'Open it.' },
  ],
  [
    'refused',
    { state: 'unsupported', error: { code: 'unauthorized', message: 'No.', hint: 'Use it.' } },
    { code: 'unauthorized', message: 'No.', hint: 'Use it.' },
  ],
  [
    'an old error while it connects again',
    { state: 'connecting', error: { code: 'closed', message: '' } },
    { code: '' },
  ],
])('the report: %s', (_title, connection, report) =>
  expect(reportOf(connection as Connection, english)).toMatchObject({ state: connection.state, ...report }),
)

test('a failure is a state in which the camera is not shown for a reason', () =>
  expect(
    (
      [
        'connecting',
        'live',
        'waiting',
        'lost',
        'reconnecting',
        'full',
        'paused',
        'unwatched',
        'unsupported',
      ] as const
    ).filter((state) => isFailed({ state, code: '', message: '', hint: '', transport: '' })),
  ).toEqual(['lost', 'reconnecting', 'full', 'unsupported']))
