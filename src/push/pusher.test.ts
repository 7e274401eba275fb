import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openScript, type ScriptedReply, type ScriptedRequest } from '../../test/support/http-script.js'
import { becomes } from '../../test/support/viewer-server.js'
import { AppError } from '../errors.js'
import { silentLog } from '../log.js'
import { parsePushes } from '../config/push.js'
import { Pusher } from './pusher.js'
import type { NamedTurnServer, OutgoingSession, PushedCamera, SessionEnd, SessionStats } from './session.js'

const ANSWER = 'v=0\r\nanswer'

class FakeSession implements OutgoingSession {
  readonly offerSdp = 'v=0\r\noffer'
  relayProblems: string[] = []
  accepted: string | undefined
  isOver = false
  refuses: Error | undefined
  goLive!: () => void
  finish!: (end: SessionEnd) => void
  readonly live = new Promise<void>((resolve) => (this.goLive = resolve))
  readonly ended = new Promise<SessionEnd>((resolve) => (this.finish = resolve))
  accept(answer: string): void {
    if (this.refuses !== undefined) throw this.refuses
    this.accepted = answer
  }
  stats(): SessionStats {
    return {
      packets: 10,
      octets: 1000,
      nacked: 0,
      retransmitted: 0,
      pli: 1,
      fir: 1,
      framesDropped: 0,
      congested: false,
      availableBitrateBps: undefined,
      fractionLost: 0.25,
      roundTripMs: 50,
      relayed: true,
    }
  }
  end(): Promise<void> {
    this.isOver = true
    this.finish({ reason: 'asked-to-leave', wasReachable: true, wasHeard: true })
    return Promise.resolve()
  }
}

class FakeCamera implements PushedCamera {
  readonly key = 'camera1'
  delivers = true
  watchers = 0
  captures = 0
  readonly sessions: FakeSession[] = []
  refuses: Error | undefined
  isLive = (): boolean => this.delivers
  viewers = (): number => this.watchers
  watch(): Disposable {
    this.captures++
    return {
      [Symbol.dispose]: () => {
        this.captures--
      },
    }
  }
  relayProblems: string[] = []
  /** What each offer was asked for. */
  readonly turnServers: NamedTurnServer[][] = []
  offer: PushedCamera['offer'] = async (_server, turnServers) => {
    this.turnServers.push([...turnServers])
    const session = new FakeSession()
    session.refuses = this.refuses
    session.relayProblems = this.relayProblems
    this.sessions.push(session)
    return await Promise.resolve(session)
  }
  /** The last one. */
  get session(): FakeSession {
    const last = this.sessions.at(-1)
    if (last === undefined) throw new Error('there is no session yet')
    return last
  }
}

/** A push whose waits are over at once, and are noted. */
async function openPush(
  reply: (request: ScriptedRequest, count: number) => ScriptedReply,
  settings: Record<string, unknown> = {},
) {
  const script = await openScript(reply)
  const camera = new FakeCamera()
  const waits: number[] = []
  const logged: string[] = []
  const [config] = parsePushes({ url: `${script.origin}/whip`, token: 's3cret', name: 'hall', ...settings })
  const note = (message: string, fields?: Record<string, unknown>): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`)
  const pusher = new Pusher(config!, camera, {
    log: { ...silentLog, info: note, warn: note, error: note },
    random: () => 0,
    wait: async (ms, signal) => {
      waits.push(ms)
      await turn(undefined, { signal })
      if (ms > 10_000)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error())))
    },
  })
  onTestFinished(async () => await pusher[Symbol.asyncDispose]())
  return { script, camera, pusher, waits, logged }
}

const created: ScriptedReply = { status: 201, headers: { location: '/r/1' }, body: ANSWER }
const methods = ({ requests }: { requests: ScriptedRequest[] }): string[] =>
  requests.map(({ method }) => method)

test('a push that plays is live, counts, and is ended at the server when it is disposed', async () => {
  const { script, camera, pusher } = await openPush(() => created)
  await becomes(() => expect(camera.session.accepted).toBe(ANSWER))
  expect(pusher.view).toMatchObject({ name: 'hall', state: 'connecting', path: undefined })
  camera.session.goLive()
  await becomes(() => expect(pusher.view.state).toBe('live'))
  expect(pusher.view).toMatchObject({
    reconnects: 0,
    problem: undefined,
    total: { packets: 10, octets: 1000, keyframeRequests: 2 },
    path: { fractionLost: 0.25, roundTripMs: 50, relayed: true },
  })
  expect(camera.captures).toBe(1)
  await pusher[Symbol.asyncDispose]()
  expect(camera.session.isOver).toBe(true)
  expect(camera.captures).toBe(0)
  expect(methods(script)).toEqual(['POST', 'DELETE'])
})

test('a session that is lost is ended at the server, and another one follows', async () => {
  const { script, camera, pusher, waits } = await openPush(() => created)
  await becomes(() => expect(camera.session.accepted).toBe(ANSWER))
  camera.session.goLive()
  await becomes(() => expect(pusher.view.state).toBe('live'))
  camera.session.finish({ reason: 'silent', wasReachable: true, wasHeard: false })
  await becomes(() => expect(camera.sessions).toHaveLength(2))
  expect(waits).toContain(250)
  expect(pusher.view.problem).toMatchObject({ cause: 'push-lost' })
  camera.session.goLive()
  await becomes(() => expect(pusher.view).toMatchObject({ state: 'live', reconnects: 1, problem: undefined }))
  expect(pusher.view.total.packets).toBe(20)
  await becomes(() => expect(methods(script)).toEqual(['POST', 'DELETE', 'POST']))
})

test('a session that the server ended is not ended again', async () => {
  const { script, camera, pusher } = await openPush(() => created)
  await becomes(() => expect(camera.session.accepted).toBe(ANSWER))
  camera.session.goLive()
  await becomes(() => expect(pusher.view.state).toBe('live'))
  camera.session.finish({ reason: 'left', wasReachable: true, wasHeard: true })
  await becomes(() => expect(methods(script)).toEqual(['POST', 'POST']))
})

test('refusals are retried with a growing wait, and logged once, without the secrets', async () => {
  const { camera, pusher, waits, logged, script } = await openPush((_, count) =>
    count <= 3 ? { status: 403, body: 's3cret is busy' } : created,
  )
  await becomes(() => expect(camera.session.accepted).toBe(ANSWER))
  expect(waits.slice(0, 3)).toEqual([250, 500, 1000])
  camera.session.goLive()
  await becomes(() => expect(pusher.view.state).toBe('live'))
  expect(logged).toHaveLength(2)
  expect(logged.join()).not.toMatch(new RegExp(`s3cret|${script.origin}`))
})

test('what the server asks to wait is waited', async () => {
  const { camera, waits } = await openPush((_, count) =>
    count === 1 ? { status: 429, headers: { 'retry-after': '9' } } : created,
  )
  await becomes(() => expect(camera.session.accepted).toBe(ANSWER))
  expect(waits[0]).toBe(9000)
})

test('an answer that cannot be used is a failure with a hint, and the session is ended at the server', async () => {
  const { script, camera, pusher } = await openPush(() => created)
  await becomes(() => expect(camera.session.accepted).toBe(ANSWER))
  camera.refuses = new AppError('bad-answer', 400, 'the answer has no ICE credentials')
  camera.session.finish({ reason: 'never-connected', wasReachable: false, wasHeard: false })
  await becomes(() => expect(pusher.view.problem).toMatchObject({ cause: 'push-bad-answer' }))
  expect(methods(script).slice(0, 4)).toEqual(['POST', 'DELETE', 'POST', 'DELETE'])
})

test.each<[string, SessionEnd, string]>([
  [
    'no candidate answers',
    { reason: 'never-connected', wasReachable: false, wasHeard: false },
    'push-ice-failed',
  ],
  [
    'DTLS does not end',
    { reason: 'never-connected', wasReachable: true, wasHeard: true },
    'push-dtls-failed',
  ],
  ['DTLS fails', { reason: 'handshake-failed', wasReachable: true, wasHeard: true }, 'push-dtls-failed'],
  ['another key', { reason: 'impostor', wasReachable: true, wasHeard: true }, 'push-impostor'],
  ['no reports', { reason: 'silent', wasReachable: true, wasHeard: true }, 'push-no-reports'],
  ['a bug', { reason: 'failed', wasReachable: true, wasHeard: true }, 'push-failed'],
])('%s: a cause of its own', async (_what, end, cause) => {
  const { camera, pusher } = await openPush(() => created)
  await becomes(() => expect(camera.session.accepted).toBe(ANSWER))
  camera.session.finish(end)
  await becomes(() => expect(pusher.view.problem?.cause).toBe(cause))
})

test('an error of ours does not end the push', async () => {
  const { camera, pusher } = await openPush(() => created)
  await becomes(() => expect(camera.session.accepted).toBe(ANSWER))
  const { offer } = camera
  camera.offer = async () => {
    camera.offer = offer
    return await Promise.reject(new TypeError('a bug'))
  }
  camera.session.finish({ reason: 'left', wasReachable: true, wasHeard: true })
  await becomes(() => expect(pusher.view.problem).toMatchObject({ cause: 'push-failed' }))
  await becomes(() => expect(camera.sessions.length).toBeGreaterThan(1))
})

test('a camera that does not deliver is waited for', async () => {
  const { camera, pusher, script } = await openPush(() => created)
  await becomes(() => expect(camera.session.accepted).toBe(ANSWER))
  camera.delivers = false
  camera.session.finish({ reason: 'left', wasReachable: true, wasHeard: true })
  await becomes(() => expect(pusher.view.state).toBe('waiting'))
  expect(script.requests).toHaveLength(1)
  expect(camera.captures).toBe(1)
  camera.delivers = true
  await becomes(() => expect(camera.sessions).toHaveLength(2))
})

test('a push for watched cameras waits for somebody to watch, and captures nothing until then', async () => {
  const { camera, pusher, script } = await openPush(() => created, { when: 'watched' })
  await becomes(() => expect(pusher.view.state).toBe('idle'))
  expect(camera.captures).toBe(0)
  camera.watchers = 1
  await becomes(() => expect(camera.session.accepted).toBe(ANSWER))
  camera.session.goLive()
  await becomes(() => expect(pusher.view.state).toBe('live'))
  camera.watchers = 0 // for five seconds it stays
  await becomes(() => expect(pusher.view.state).toBe('idle'))
  expect(methods(script)).toEqual(['POST', 'DELETE'])
  expect(pusher.view.problem).toBeUndefined()
  expect(camera.captures).toBe(0)
})

test('a renewed push ends its session and begins another one', async () => {
  const { camera, pusher, script } = await openPush(() => created)
  await becomes(() => expect(camera.session.accepted).toBe(ANSWER))
  camera.session.goLive()
  await becomes(() => expect(pusher.view.state).toBe('live'))
  pusher.renew()
  await becomes(() => expect(camera.sessions).toHaveLength(2))
  expect(camera.sessions[0]!.isOver).toBe(true)
  await becomes(() => expect(methods(script)).toEqual(['POST', 'DELETE', 'POST']))
})

test('a TURN server that refuses is logged once, and named when no path is found', async () => {
  const { camera, pusher, logged } = await openPush(() => created)
  camera.relayProblems = ['The TURN server turn:a does not accept the credentials (401)']
  const fail = { reason: 'never-connected', wasReachable: false, wasHeard: false }
  for (let i = 1; i <= 3; i++) {
    await becomes(() => expect(camera.sessions.at(i - 1)?.accepted).toBe(ANSWER))
    camera.sessions[i - 1]!.finish(fail)
  }
  await becomes(() => expect(camera.sessions.length).toBeGreaterThan(3))
  expect(logged.filter((line) => line.startsWith('The TURN server'))).toHaveLength(1)
  expect(pusher.view.problem).toMatchObject({
    cause: 'push-ice-failed',
    message: expect.stringContaining(
      'The TURN server turn:a does not accept the credentials (401).',
    ) as string,
  })
})

test('a push that ends while it waits for a TURN server makes no request', async () => {
  const { camera, pusher, script } = await openPush(() => created)
  const asked = new Promise<AbortSignal>((resolve) => {
    camera.offer = async (_server, _turnServers, signal) => {
      resolve(signal)
      return await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
    }
  })
  const signal = await asked
  await pusher[Symbol.asyncDispose]()
  expect(signal.aborted).toBe(true)
  expect(methods(script)).toEqual([])
})

describe('TURN servers that the media server names', () => {
  const link = (host: string, username: string): string =>
    `<turn:${host}>; rel="ice-server"; username="${username}"; credential="s3cret-of-turn"`
  const names = (...links: string[]): ScriptedReply => ({
    status: 201,
    headers: { location: '/r/1', link: links },
    body: ANSWER,
  })
  const unreachable: SessionEnd = { reason: 'never-connected', wasReachable: false, wasHeard: false }
  const usersOf = ({ turnServers }: FakeCamera): string[][] =>
    turnServers.map((servers) => servers.map(({ username }) => username))

  test('are for the next offer, until the server names others or none', async () => {
    const replies = [
      names(link('a', 'first'), link('b', 'first')),
      names(link('a', 'second')),
      { status: 503 },
      names(),
    ]
    const { camera } = await openPush(({ method }) =>
      method === 'DELETE' ? { status: 200 } : (replies.shift() ?? created),
    )
    for (const attempt of [1, 2, 4, 5]) {
      await becomes(() => expect(camera.sessions[attempt - 1]?.accepted).toBe(ANSWER))
      camera.sessions[attempt - 1]!.finish(unreachable)
    }
    await becomes(() =>
      expect(usersOf(camera).slice(0, 5)).toEqual([[], ['first', 'first'], ['second'], ['second'], []]),
    )
    expect(camera.turnServers[1]![0]!.uri).toBe('turn:a:3478?transport=udp')
  })

  test('are for the session after one that played, too', async () => {
    const { camera, pusher } = await openPush(() => names(link('a', 'anna')))
    await becomes(() => expect(camera.session.accepted).toBe(ANSWER))
    camera.session.goLive()
    await becomes(() => expect(pusher.view.state).toBe('live'))
    pusher.renew()
    await becomes(() => expect(usersOf(camera)).toEqual([[], ['anna']]))
  })

  test('appear neither in the log nor in the view, not even when the server repeats them', async () => {
    let posts = 0
    const { camera, pusher, logged } = await openPush(({ method }) => {
      if (method === 'DELETE') return { status: 200 }
      posts++
      return posts === 1
        ? names(link('a', 'anna-of-turn'))
        : { status: 403, body: 's3cret-of-turn anna-of-turn' }
    })
    await becomes(() => expect(camera.session.accepted).toBe(ANSWER))
    camera.session.finish(unreachable)
    await becomes(() => expect(pusher.view.problem?.cause).toBe('push-forbidden'))
    expect(pusher.view.problem?.message).toContain('*** ***')
    expect(logged.join() + JSON.stringify(pusher.view)).not.toMatch(/of-turn/)
  })

  test('may be at this machine, because the media server is', async () => {
    const { camera } = await openPush(() => names(link('a', 'anna')))
    await becomes(() => expect(camera.session.accepted).toBe(ANSWER))
    camera.session.finish(unreachable)
    await becomes(() => expect(camera.turnServers[1]).toHaveLength(1))
    const { namedBy } = camera.turnServers[1]![0]!
    expect(['127.0.0.1', '198.51.100.1', '169.254.1.1'].map((one) => namedBy.mayName(one))).toEqual([
      true,
      true,
      false,
    ])
  })
})
