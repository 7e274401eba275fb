import { expect, test, vi } from 'vitest'
import { fakeMediaSocket, fakeMseViewers } from '../../test/fakes/mse.js'
import { AppError, cameraFull, tooManyOffers } from '../errors.js'
import type { AboutClient } from './about-client.js'
import { serveGo2rtc } from './compat/go2rtc-websocket.js'
import { serveSignalling, type SignallingSocket } from './websocket.js'

const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
const sdp = 'v=0'
const settle = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve))

/** A client of one of the protocols, without a network. */
function connect(protocol: 'ours' | 'go2rtc', refuse?: () => Error | undefined) {
  const sent: unknown[] = []
  const closes: [number, string][] = []
  let hear = (_text: string): void => {}
  let leave = (): void => {}
  let refuseOffer = (): Error | undefined => undefined
  const viewers = fakeMseViewers(refuse)
  const media = fakeMediaSocket()
  const countOffer = vi.fn()
  const socket: SignallingSocket = {
    ...media,
    address: '192.0.2.1',
    reachedAt: ['198.51.100.7'],
    countOffer,
    send: (text) => void sent.push(JSON.parse(text)),
    close: (...how) => void closes.push(how),
    onMessage: (listener) => (hear = listener),
    onClose: (listener) => (leave = listener),
  }
  const admitted: AboutClient[] = []
  const admit = (_camera: string, _sdp: string, _via: string, _address: string, about: AboutClient) => {
    const error = refuseOffer()
    if (error !== undefined) throw error
    admitted.push(about)
    return {
      answerSdp: 'answer',
      candidates: [],
      onCandidate: () => ({ [Symbol.dispose]: () => {} }),
      addCandidate: () => {},
      dismiss: async () => await Promise.resolve(),
      ended: new Promise<string>(() => {}),
      failure: undefined,
      explain: () => undefined,
      setQuality: () => {},
      setSound: () => {},
      onStatus: () => ({ [Symbol.dispose]: () => {} }),
    }
  }
  if (protocol === 'ours') {
    const camera = {
      key: 'camera1',
      state: () => ({ key: 'camera1', state: 'live' as const }),
      onState: () => ({ [Symbol.dispose]: () => {} }),
      now: () => undefined,
    }
    serveSignalling(socket, camera, { admit, ...viewers }, log)
    sent.length = 0 // the state of the camera
  } else serveGo2rtc(socket, 'camera1', { admit, ...viewers }, log)
  const send = async (message: unknown): Promise<void> => {
    hear(JSON.stringify(message))
    await settle()
  }
  return {
    ...viewers,
    sent,
    closes,
    media: media.media,
    countOffer,
    admitted,
    send,
    leave: () => leave(),
    refuseOffers: (error: Error) => (refuseOffer = () => error),
  }
}

const TYPE = 'video/mp4; codecs="avc1.42c01e"'

test.each([
  ['ours', { mse: {} }, { mse: { mimeType: TYPE } }],
  ['go2rtc', { type: 'mse', value: 'avc1.640029,hvc1.1,opus' }, { type: 'mse', value: TYPE }],
  ['go2rtc', { type: 'mse' }, { type: 'mse', value: TYPE }],
] as const)('%s: the type comes before the binary messages', async (protocol, request, answer) => {
  const { send, sent, sessions, media, admitMse, countOffer } = connect(protocol)
  await send(request)
  expect(admitMse.mock.calls[0]![0]).toBe('camera1')
  expect(countOffer).toHaveBeenCalledOnce()
  sessions[0]!.output.begin(TYPE)
  sessions[0]!.output.send(Buffer.from('init'))
  expect(sent).toEqual([answer])
  expect(media).toEqual(['init'])
})

test.each(['ours', 'go2rtc'] as const)(
  '%s: WebRTC and MSE of one socket are one client',
  async (protocol) => {
    const { send, sessions, admitted } = connect(protocol)
    await send(protocol === 'ours' ? { mse: {} } : { type: 'mse' })
    await send(protocol === 'ours' ? { offer: { sdp } } : { type: 'webrtc/offer', value: sdp })
    expect(sessions[0]!.about.client).toBeDefined()
    expect(admitted[0]!.client).toBe(sessions[0]!.about.client)
  },
)

test.each(['ours', 'go2rtc'] as const)('%s: the stream ends with its socket', async (protocol) => {
  const { send, leave, dismissed, sent } = connect(protocol)
  await send(protocol === 'ours' ? { mse: {} } : { type: 'mse' })
  leave()
  await settle()
  expect(dismissed).toEqual([0])
  expect(sent).toEqual([])
})

test('a second request starts again, and null stops', async () => {
  const { send, sessions, dismissed, sent } = connect('ours')
  await send({ mse: {} })
  await send({ mse: {} })
  expect([sessions.length, dismissed]).toEqual([2, [0]])
  await send({ mse: null })
  await send({ mse: null })
  expect(dismissed).toEqual([0, 1])
  expect(sent).toEqual([])
})

test.each([
  ['removed', [], [[1008, 'removed']], 'removed'],
  ['replaced', [], [[1008, 'replaced']], 'replaced'],
  ['superseded', [{ code: 'superseded' }], [], undefined],
  ['silent', [{ code: 'silent' }], [], undefined],
])('ours: a session that ends as %s is reported', async (reason, errors, closes, error) => {
  const client = connect('ours')
  await client.send({ mse: {} })
  client.sessions[0]!.end(reason)
  await settle()
  expect(client.closes).toEqual(closes)
  expect(client.sent).toMatchObject([
    ...errors.map((one) => ({ mse: { error: one } })),
    ...(error === undefined ? [] : [{ error: { code: error } }]),
  ])
})

test.each([
  ['removed', 1008],
  ['camera-changed', 1001],
])(
  'go2rtc: a session that ends as %s closes the socket, so that the client connects again',
  async (reason, code) => {
    const client = connect('go2rtc')
    await client.send({ type: 'mse' })
    client.sessions[0]!.end(reason)
    await settle()
    expect(client.sent).toMatchObject([{ type: 'error', value: expect.stringMatching(/^mse: /) as string }])
    expect(client.closes).toEqual([[code, reason]])
  },
)

test('ours: the stream belongs to the tab of the offer, and its slot is kept when the page leaves', async () => {
  const tab = 'a-secret-of-144-bits_24-'
  const { send, sessions, pagesLeft } = connect('ours')
  await send({ offer: { sdp }, tab })
  await send({ mse: {} })
  expect(sessions[0]!.about).toMatchObject({ tab, reachedAt: ['198.51.100.7'] })
  await send({ pageLeft: true })
  await send({ mse: null })
  expect(pagesLeft).toEqual([0])
})

test('ours: a refusal leaves the socket open for WebRTC', async () => {
  const client = connect('ours', () => cameraFull('camera1', 4))
  await client.send({ mse: {} })
  expect(client.sent).toMatchObject([{ mse: { error: { code: 'camera-full' } } }])
  expect(client.closes).toEqual([])
})

test('ours: a full server that refuses WebRTC does not end the video over HTTP', async () => {
  const client = connect('ours')
  await client.send({ mse: {} })
  client.refuseOffers(cameraFull('camera1', 4))
  await client.send({ offer: { sdp } })
  expect(client.sent).toMatchObject([{ error: { code: 'camera-full' } }])
  expect([client.closes, client.dismissed]).toEqual([[], []])
})

test('go2rtc: a camera that cannot be sent as MP4, and a client that cannot decode it, get a reason', async () => {
  const vp8 = connect('go2rtc', () => new AppError('mse-unsupported', 415, 'camera1 encodes VP8'))
  await vp8.send({ type: 'mse', value: 'avc1.640029' })
  expect(vp8.sent).toEqual([{ type: 'error', value: 'mse: camera1 encodes VP8' }])
  const old = connect('go2rtc')
  await old.send({ type: 'mse', value: 'hvc1.1.6.L153.B0,mp4a.40.2' })
  expect(old.sent).toMatchObject([{ type: 'error', value: expect.stringContaining('H.264') as string }])
  expect(old.sessions).toEqual([])
})

test('go2rtc: another profile later is not announced again', async () => {
  const { send, sent, sessions } = connect('go2rtc')
  await send({ type: 'mse' })
  sessions[0]!.output.begin(TYPE)
  sessions[0]!.output.begin('video/mp4; codecs="avc1.640014"')
  expect(sent).toHaveLength(1)
})

test.each([
  ['ours', { mse: 1 }, 'bad-message'],
  ['ours', { mse: 'x'.repeat(9) }, 'bad-message'],
  ['go2rtc', { type: 'mse', value: 7 }, undefined],
  ['go2rtc', { type: 'mse', value: 'avc1.'.repeat(1000) }, undefined],
] as const)('%s: %j is an error', async (protocol, message, code) => {
  const { send, sent, sessions } = connect(protocol)
  await send(message)
  expect(sent).toMatchObject([code === undefined ? { type: 'error' } : { error: { code } }])
  expect(sessions).toEqual([])
})

test('requests count as offers', async () => {
  const client = connect('ours')
  client.countOffer.mockImplementation(() => {
    throw tooManyOffers(1000)
  })
  await client.send({ mse: {} })
  expect(client.sent).toMatchObject([{ mse: { error: { code: 'too-many-offers' } } }])
  expect(client.sessions).toEqual([])
})
