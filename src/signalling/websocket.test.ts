import { describe, expect, test, vi } from 'vitest'
import { AppError, badOffer, cameraFull } from '../errors.js'
import type { Log } from '../log.js'
import type { AboutClient } from './about-client.js'
import type { CameraState, ConnectFailure, ServerMessage } from './websocket-messages.js'
import { fakeMediaSocket, fakeMseViewers } from '../../test/fakes/mse.js'
import type { SignallingViewer } from './signalling-viewer.js'
import { serveSignalling, type CameraMoment } from './websocket.js'

const noReply: ConnectFailure = {
  cause: 'no-reply',
  message: 'No reply gets back.',
  hint: 'Check the firewall.',
  parameters: { port: 8189 },
}
const report = {
  host: 1,
  srflx: 0,
  relay: 0,
  pairs: 2,
  requestsSent: 9,
  responsesReceived: 0,
  requestsReceived: 0,
  dtls: 'new',
  packetsReceived: 0,
  bytesReceived: 0,
  packetsLost: 0,
  framesDecoded: 0,
}

/** A socket, a camera and viewers that are not there, and what a client would have seen of them. */
function connect(options: { maxClients?: number; moment?: CameraMoment; signal?: AbortSignal } = {}) {
  const said: ServerMessage[] = []
  const closes: [number, string][] = []
  const events: string[] = []
  const errors: unknown[] = []
  let hear = (_text: string): void => {}
  let leave = (): void => {}
  let refuse: unknown
  const ends: ((reason: string) => void)[] = []
  const held = new Set<number>()
  const listeners = new Set<(state: CameraState) => void>()
  const failures = new Map<number, ConnectFailure>()
  const candidateListeners = new Map<number, Parameters<SignallingViewer['onCandidate']>[0]>()
  const statusListeners = new Map<number, Parameters<SignallingViewer['onStatus']>[0]>()
  const { maxClients = 4 } = options

  const admit = (
    camera: string,
    sdp: string,
    _via: string,
    _address: string,
    { tab, quality }: AboutClient,
  ): SignallingViewer => {
    if (refuse !== undefined) throw refuse as Error
    if (held.size >= maxClients) throw cameraFull(camera, maxClients)
    const number = ends.length + 1
    held.add(number)
    const wanted = quality === undefined ? '' : ` with ${quality}`
    events.push((tab === undefined ? `admitted ${number}` : `admitted ${number} of ${tab}`) + wanted)
    const ended = new Promise<string>((resolve) => {
      ends.push((reason) => {
        if (held.delete(number)) events.push(`gone ${number}`)
        resolve(reason)
      })
    })
    return {
      answerSdp: `answer to ${sdp}`,
      candidates: [{ candidate: `candidate:${number}`, sdpMid: '0', sdpMLineIndex: 0 }],
      addCandidate: (line) => void events.push(`candidate ${line} for ${number}`),
      setQuality: (asked) => void events.push(`${asked} for ${number}`),
      setSound: (isOn) => {
        if (isOn) events.push(`sound for ${number}`)
      },
      dismiss: async (reason) => {
        await Promise.resolve()
        ends[number - 1]!(reason ?? 'asked-to-leave')
        if (reason === 'page-left') events.push(`the page of ${number} left`)
      },
      ended,
      get failure() {
        return failures.get(number)
      },
      explain: (browser) => (browser.pairs > 0 ? noReply : undefined),
      onCandidate: (listener) => {
        candidateListeners.set(number, listener)
        return { [Symbol.dispose]: () => void candidateListeners.delete(number) }
      },
      onStatus: (listener) => {
        statusListeners.set(number, listener)
        return { [Symbol.dispose]: () => void statusListeners.delete(number) }
      },
    }
  }
  const log: Log = {
    debug: vi.fn(),
    info: vi.fn(),
    warn: vi.fn(),
    error: (...what) => void errors.push(what),
  }
  serveSignalling(
    {
      ...fakeMediaSocket(),
      address: '192.0.2.1',
      reachedAt: [],
      countOffer: () => {},
      send: (text) => void said.push(JSON.parse(text) as ServerMessage),
      close: (...how) => void closes.push(how),
      onMessage: (listener) => (hear = listener),
      onClose: (listener) => (leave = listener),
    },
    {
      ...(options.signal && { signal: options.signal }),
      key: 'camera1',
      state: () => ({ key: 'camera1', state: 'starting' }),
      onState: (listener) => {
        listeners.add(listener)
        return { [Symbol.dispose]: () => void listeners.delete(listener) }
      },
      now: () => options.moment,
    },
    { admit, ...fakeMseViewers() },
    log,
  )
  said.length = 0 // the first message has a test of its own
  return {
    said,
    closes,
    events,
    errors,
    failures,
    listeners,
    candidateListeners,
    statusListeners,
    send: (message: unknown) => hear(typeof message === 'string' ? message : JSON.stringify(message)),
    offer: (sdp: string) => hear(JSON.stringify({ offer: { type: 'offer', sdp } })),
    /** Lets everything happen that is waiting. */
    settle: async () => await new Promise((resolve) => setImmediate(resolve)),
    leave: () => leave(),
    refuseWith: (error: unknown) => (refuse = error),
    endViewer: (number: number, reason: string) => ends[number - 1]!(reason),
    codes: () => said.flatMap((message) => ('error' in message ? [message.error.code] : [])),
  }
}

test('an offer is answered, and our candidates follow the answer', async () => {
  const client = connect()
  client.offer('one')
  await client.settle()
  expect(client.said).toEqual([
    { answer: { type: 'answer', sdp: 'answer to one' } },
    { iceCandidate: { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 } },
  ])
})

test('candidates of ours that become known later are sent until the session or the socket is replaced or closed', async () => {
  const client = connect()
  client.offer('one')
  await client.settle()
  client.said.length = 0
  const late = { candidate: 'candidate:late', sdpMid: '0', sdpMLineIndex: 0 }
  client.candidateListeners.get(1)!(late)
  expect(client.said).toEqual([{ iceCandidate: late }])
  client.offer('two')
  await client.settle()
  expect([...client.candidateListeners.keys()]).toEqual([2])
  client.leave()
  expect(client.candidateListeners.size).toBe(0)
})

test('a candidate reaches the session, also one that comes right behind its offer', async () => {
  const client = connect()
  client.offer('one')
  client.send({ iceCandidate: { candidate: 'c' } })
  await client.settle()
  expect(client.events).toEqual(['admitted 1', 'candidate c for 1'])
})

test('a second offer is answered when the first session is gone, and candidates are for the second', async () => {
  const client = connect()
  client.offer('one')
  await client.settle()
  client.said.length = 0
  client.offer('two')
  client.send({ iceCandidate: { candidate: 'c' } })
  await client.settle()
  expect(client.events).toEqual(['admitted 1', 'admitted 2', 'gone 1', 'candidate c for 2'])
  expect(client.said[0]).toEqual({ answer: { type: 'answer', sdp: 'answer to two' } })
  expect(client.codes()).toEqual([])
})

test('a second offer gets the only slot', async () => {
  const client = connect({ maxClients: 1 })
  client.offer('one')
  client.offer('two')
  await client.settle()
  expect(client.events).toEqual(['admitted 1', 'gone 1', 'admitted 2'])
  expect(client.said).toContainEqual({ answer: { type: 'answer', sdp: 'answer to two' } })
  expect([client.codes(), client.closes]).toEqual([[], []])
})

test('a rejected second offer leaves the first session alone', async () => {
  const client = connect()
  client.offer('one')
  await client.settle()
  client.refuseWith(badOffer('the offer has no video'))
  client.offer('two')
  client.send({ iceCandidate: { candidate: 'c' } })
  await client.settle()
  expect(client.codes()).toEqual(['bad-offer'])
  expect(client.events).toEqual(['admitted 1', 'candidate c for 1'])
})

test('closing the socket ends the session and stops listening to the camera', async () => {
  const client = connect()
  expect(client.listeners.size).toBe(1)
  client.offer('one')
  await client.settle()
  client.leave()
  await client.settle()
  expect(client.events).toEqual(['admitted 1', 'gone 1'])
  expect(client.listeners.size).toBe(0)
  expect(client.codes()).toEqual([])
})

test.each([4, 1])(
  'a socket that closes while one session replaces another of %i holds no slot',
  async (maxClients) => {
    const client = connect({ maxClients })
    client.offer('one')
    await client.settle()
    client.said.length = 0
    client.offer('two')
    await Promise.resolve()
    client.leave()
    await client.settle()
    const count = (what: string) => client.events.filter((event) => event.startsWith(what)).length
    expect(count('gone')).toBe(count('admitted'))
    expect(client.said).toEqual([])
  },
)

test('a camera without a free slot sends an error and closes with "try again later"', async () => {
  const client = connect({ maxClients: 0 })
  client.offer('one')
  await client.settle()
  expect(client.said).toEqual([
    { error: { code: 'camera-full', message: 'camera1 has its maximum of 0 viewers; try again later' } },
  ])
  expect(client.closes).toEqual([[1013, 'camera-full']])
})

test.each([
  ['no JSON', '{"offer"'],
  ['a wrong shape', '{"offer":{"sdp":[]}}'],
  ['bytes that are no text', '\u0000\ufffd\ufffd\u0001'],
  ['an offer that is too long', JSON.stringify({ offer: { sdp: 'x'.repeat(70_000) } })],
])('%s gets an error, and the session lives on', async (_what, message) => {
  const client = connect()
  client.offer('one')
  await client.settle()
  client.send(message)
  client.send({ iceCandidate: { candidate: 'c' } })
  await client.settle()
  expect(client.codes()).toEqual(['bad-message'])
  expect(client.closes).toEqual([])
  expect(client.events).toEqual(['admitted 1', 'candidate c for 1'])
  expect(client.errors).toEqual([])
})

test('a candidate before any offer gets an error', async () => {
  const client = connect()
  client.send({ iceCandidate: { candidate: 'c' } })
  await client.settle()
  expect(client.codes()).toEqual(['no-session'])
})

test('the state of the camera is sent on opening and at every change', () => {
  const said: unknown[] = []
  const states: ((state: CameraState) => void)[] = []
  serveSignalling(
    {
      ...fakeMediaSocket(),
      address: '192.0.2.1',
      reachedAt: [],
      countOffer: () => {},
      send: (text) => void said.push(JSON.parse(text)),
      close: vi.fn(),
      onMessage: vi.fn(),
      onClose: vi.fn(),
    },
    {
      key: 'camera1',
      state: () => ({ key: 'camera1', state: 'live' }),
      onState: (listener) => {
        states.push(listener)
        return { [Symbol.dispose]: vi.fn() }
      },
      now: () => undefined,
    },
    { admit: vi.fn(), ...fakeMseViewers() },
    { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() },
  )
  const lost: CameraState = { key: 'camera1', state: 'lost', cause: 'no-camera', message: 'm', hint: 'h' }
  states[0]!(lost)
  expect(said).toEqual([{ camera: { key: 'camera1', state: 'live' } }, { camera: lost }])
})

test('the end of a session is sent with its reason, and a new offer is accepted', async () => {
  const client = connect()
  client.offer('one')
  await client.settle()
  client.endViewer(1, 'silent')
  await client.settle()
  expect(client.said.at(-1)).toEqual({
    error: { code: 'session-ended', message: 'the session ended: silent' },
  })
  client.send({ iceCandidate: { candidate: 'c' } })
  client.offer('two')
  await client.settle()
  expect(client.codes()).toEqual(['session-ended', 'no-session'])
  expect(client.events.at(-1)).toBe('admitted 2')
})

test('a superseded session gets an error, and the socket stays open', async () => {
  const client = connect()
  client.offer('one')
  await client.settle()
  client.endViewer(1, 'superseded')
  await client.settle()
  expect([client.codes(), client.closes]).toEqual([['superseded'], []])
})

test('a session for which no slot was left when it had connected is sent away like one that comes too late', async () => {
  const client = connect()
  client.offer('one')
  await client.settle()
  client.endViewer(1, 'camera-full')
  await client.settle()
  expect([client.codes(), client.closes]).toEqual([['camera-full'], [[1013, 'camera-full']]])
})

test('of a flood that waits for a session to end, at most 100 messages are kept', async () => {
  const client = connect()
  client.offer('one')
  for (let i = 1; i < 150; i++) client.send({ iceCandidate: { candidate: String(i) } })
  await client.settle()
  expect(client.codes()).toEqual(Array.from({ length: 50 }, () => 'too-many-messages'))
  expect(client.events).toHaveLength(100)
  client.send({ iceCandidate: { candidate: 'later' } })
  await client.settle()
  expect(client.events.at(-1)).toBe('candidate later for 1')
})

test('an error that is a bug is logged and tells the client nothing of itself', async () => {
  const client = connect()
  client.refuseWith(new TypeError('secret of the house'))
  client.offer('one')
  await client.settle()
  expect(client.said).toEqual([
    { error: { code: 'internal', message: 'something went wrong on the server' } },
  ])
  expect(JSON.stringify(client.errors)).toContain('secret of the house')
})

test('an AppError is sent and not logged', async () => {
  const client = connect()
  client.refuseWith(new AppError('unsupported-offer', 422, 'the offer has no VP8'))
  client.offer('one')
  await client.settle()
  expect(client.said).toEqual([{ error: { code: 'unsupported-offer', message: 'the offer has no VP8' } }])
  expect(client.errors).toEqual([])
})

test('the time is sent at once, before queued messages', async () => {
  const client = connect({ moment: { rtpTimestamp: 90_000, since: 'capture' } })
  const beforeMs = performance.timeOrigin + performance.now()
  client.offer('one')
  client.send({ time: { clientMs: 12.5 } })
  expect(client.said).toEqual([
    {
      time: {
        clientMs: 12.5,
        serverMs: expect.any(Number) as number,
        rtpTimestamp: 90_000,
        since: 'capture',
      },
    },
  ])
  const { serverMs } = (client.said[0] as { time: { serverMs: number } }).time
  expect(serverMs).toBeGreaterThanOrEqual(beforeMs)
  expect(serverMs).toBeLessThanOrEqual(performance.timeOrigin + performance.now())
  await client.settle()
  expect(client.codes()).toEqual([])
})

test('before the first packet of a camera the time has no timestamp', () => {
  const client = connect()
  client.send({ time: { clientMs: 1 } })
  expect(client.said).toEqual([{ time: { clientMs: 1, serverMs: expect.any(Number) as number } }])
})

test('the viewer status is sent for the latest session only, and not after its end', async () => {
  const client = connect()
  client.offer('one')
  await client.settle()
  client.offer('two')
  await client.settle()
  client.said.length = 0
  expect([...client.statusListeners.keys()]).toEqual([2])
  client.statusListeners.get(2)!({ congested: true, availableBitrateBps: 480_000 })
  client.statusListeners.get(2)!({ congested: false, availableBitrateBps: undefined })
  expect(client.said).toEqual([
    { viewer: { congested: true, availableBitrateBps: 480_000, estimateBps: 480_000 } },
    { viewer: { congested: false } },
  ])
  client.endViewer(2, 'silent')
  await client.settle()
  expect(client.statusListeners.size).toBe(0)
  client.offer('three')
  await client.settle()
  client.leave()
  expect(client.statusListeners.size).toBe(0)
})

test.each(['camera-removed', 'camera-changed'])(
  'a client gets the reason why its camera ended: %s',
  (why) => {
    const ended = new AbortController()
    const { said, closes } = connect({ signal: ended.signal })
    expect(closes).toEqual([])
    ended.abort(why)
    expect(said.at(-1)).toMatchObject({
      error: { code: why, message: expect.stringContaining('this camera') as string },
    })
    expect(closes).toEqual([[1001, why]])
  },
)

test('a client of a camera that has ended gets the reason too', () => {
  const { closes } = connect({ signal: AbortSignal.abort('camera-removed') })
  expect(closes).toEqual([[1001, 'camera-removed']])
})

describe('a tab', () => {
  const TAB = 'a-secret-of-144-bits_24-'

  test('offers with its secret, which is no part of the session description', async () => {
    const client = connect()
    client.send({ offer: { type: 'offer', sdp: 'one' }, tab: TAB })
    await client.settle()
    expect(client.events).toEqual([`admitted 1 of ${TAB}`])
  })

  test.each(['short', 'x'.repeat(65), 'a secret of 144 bits_24-', 7, null])(
    'with the secret %j is rejected',
    async (tab) => {
      const client = connect()
      client.send({ offer: { type: 'offer', sdp: 'one' }, tab })
      await client.settle()
      expect([client.codes(), client.events]).toEqual([['bad-message'], []])
    },
  )

  test('that connected again on another socket is told so, and its socket is closed', async () => {
    const client = connect()
    client.offer('one')
    await client.settle()
    client.endViewer(1, 'replaced')
    await client.settle()
    expect([client.codes(), client.closes]).toEqual([['replaced'], [[1008, 'replaced']]])
  })

  test('whose page leaves ends its session with that reason', async () => {
    const client = connect()
    client.send({ pageLeft: true })
    client.offer('one')
    client.send({ pageLeft: true })
    await client.settle()
    expect(client.events).toEqual(['admitted 1', 'gone 1', 'the page of 1 left'])
  })
})

describe('a client that cannot connect', () => {
  test('reports its side, and gets the cause as soon as there is one', async () => {
    const client = connect()
    client.send({ connecting: report })
    client.offer('one')
    await client.settle()
    client.said.length = 0
    client.send({ connecting: { ...report, pairs: 0 } })
    client.send({ connecting: report })
    await client.settle()
    expect(client.said).toEqual([{ connectFailure: noReply }])
  })

  test('gets the cause before the end of its session', async () => {
    const client = connect()
    client.offer('one')
    await client.settle()
    client.said.length = 0
    client.failures.set(1, noReply)
    client.endViewer(1, 'never-connected')
    await client.settle()
    expect(client.said).toEqual([
      { connectFailure: noReply },
      { error: { code: 'session-ended', message: 'the session ended: never-connected' } },
    ])
  })

  test.each([
    { connecting: null },
    { connecting: {} },
    { connecting: { ...report, pairs: -1 } },
    { connecting: { ...report, pairs: 1.5 } },
    { connecting: { ...report, requestsSent: '9' } },
    { connecting: { ...report, dtls: 'x'.repeat(100) } },
  ])('sends %j and gets bad-message', async (message) => {
    const client = connect()
    client.send(message)
    await client.settle()
    expect(client.codes()).toEqual(['bad-message'])
  })
})

describe('a client that plays the sound', () => {
  test('says so once, also for its next offers', async () => {
    const client = connect()
    client.offer('one')
    client.send({ sound: true })
    await client.settle()
    client.offer('two')
    await client.settle()
    client.send({ sound: false })
    client.offer('three')
    await client.settle()
    expect(client.events.filter((event) => event.startsWith('sound'))).toEqual(['sound for 1', 'sound for 2'])
  })

  test.each(['on', 1, null])('with %j gets an error', async (sound) => {
    const client = connect()
    client.send({ sound })
    await client.settle()
    expect(client.codes()).toEqual(['bad-message'])
  })
})

describe('a client that asks for a quality', () => {
  test('gets it at once, and with its next offers', async () => {
    const client = connect()
    client.offer('one')
    client.send({ quality: 'low' })
    await client.settle()
    client.offer('two')
    await client.settle()
    expect(client.events.filter((event) => event.includes('low'))).toEqual([
      'low for 1',
      'admitted 2 with low',
    ])
  })

  test('may ask before its first offer', async () => {
    const client = connect()
    client.send({ quality: 'high' })
    client.offer('one')
    await client.settle()
    expect(client.events).toContain('admitted 1 with high')
    expect(client.codes()).toEqual([])
  })

  test.each(['medium', 7, null, {}])('that does not exist, %j, gets an error', async (quality) => {
    const client = connect()
    client.send({ quality })
    await client.settle()
    expect(client.codes()).toEqual(['bad-message'])
  })

  test('is told the size that it is sent', async () => {
    const client = connect()
    client.offer('one')
    await client.settle()
    client.statusListeners.get(1)!({ congested: false, availableBitrateBps: undefined, size: 'low' })
    expect(client.said.at(-1)).toEqual({ viewer: { congested: false, size: 'low' } })
  })
})
