import { describe, expect, test, vi } from 'vitest'
import {
  accessWith,
  basic,
  PASSWORD,
  quickHash,
  TOKEN,
  USERNAME,
  type AccessOptions,
} from '../../../test/support/access.js'
import type * as Passwords from '../../lib/password.js'
import { hashPassword, verifyPassword } from '../../lib/password.js'
import type { Log } from '../../log.js'
import type { AccessRequest } from './access-control.js'
import { createReloadableAccess } from './reloadable-access.js'

vi.mock('../../lib/password.js', async (original) => {
  const password = await original<typeof Passwords>()
  return { ...password, verifyPassword: vi.fn(password.verifyPassword) }
})

const plainRequest: AccessRequest = {
  method: 'GET',
  permission: 'watch',
  isWebSocket: false,
  token: undefined,
  authorization: undefined,
  cookie: undefined,
  origin: undefined,
  host: 'pi:8080',
  address: '192.0.2.1',
}

/** What is decided of a visit, in a few words: a role, or the status and code of a refusal. */
function setUp(options: AccessOptions = { password: PASSWORD, token: TOKEN }) {
  const clock = { ms: 1_800_000_000_000 }
  const access = accessWith({ nowMs: () => clock.ms, ...options })
  const visit = async (about: Partial<AccessRequest> = {}): Promise<string> => {
    const decision = await access.decide({ ...plainRequest, ...about })
    return decision.allowed ? (decision.role ?? 'no role') : `${decision.status} ${decision.code}`
  }
  /** As many wrong passwords, each another, as they are answered. */
  let throttle = 0
  const guess = async (times: number, about: Partial<AccessRequest> = {}): Promise<string[]> => {
    const answers: string[] = []
    for (let i = 0; i < times; i++)
      answers.push(await visit({ authorization: basic(USERNAME, `guess ${throttle++}`), ...about }))
    return answers
  }
  const cookieOf = async (role: 'admin' | 'watch') => (await access.cookieFor(role))!.split(';')[0]!
  return { access, clock, visit, guess, cookieOf }
}

const ws = { isWebSocket: true }
const administering = { method: 'POST', permission: 'administer' } as const
const evil = { origin: 'http://evil.example' }
const own = { origin: 'http://pi:8080' }

describe('without credentials', () => {
  test('every client may do everything but administer from a page of another origin', async () => {
    const { visit, access } = setUp({})
    expect(await visit()).toBe('admin')
    expect(await visit({ ...ws, ...evil })).toBe('admin')
    expect(await visit({ method: 'POST', ...evil })).toBe('admin')
    expect(await access.cookieFor('admin')).toBeUndefined()
  })

  test('a page of an origin that is not named cannot administer', async () => {
    const { visit } = setUp({})
    expect(await visit({ ...administering, ...evil })).toBe('403 origin-not-allowed')
    expect(await visit({ ...administering, ...own })).toBe('admin')
    expect(await visit(administering)).toBe('admin')
  })

  test('only the pages that are named may watch, where some are', async () => {
    const { visit } = setUp({ allowOrigins: ['http://mainsail.local'] })
    expect(await visit({ ...ws, ...evil })).toBe('403 origin-not-allowed')
    expect(await visit({ ...ws, origin: 'http://mainsail.local' })).toBe('admin')
    expect(await visit({ ...ws, ...own })).toBe('admin')
    expect(await visit(ws)).toBe('admin')
  })
})

describe('a host name that is not ours', () => {
  const rebound = { host: 'evil.example:8080', origin: 'http://evil.example:8080' }

  test('is answered with 421 without credentials, whatever is asked', async () => {
    const { visit } = setUp({ allowOrigins: [] })
    for (const about of [{}, ws, administering, { method: 'POST' }, { permission: 'public' } as const])
      expect(await visit({ ...about, ...rebound })).toBe('421 unknown-host-name')
    expect(await visit({ ...ws, host: '192.0.2.7:5557' })).toBe('admin')
    expect(await setUp({ names: ['evil.example'] }).visit(rebound)).toBe('admin')
  })

  test('does not matter where there are credentials to show', async () => {
    expect(await setUp().visit(rebound)).toBe('401 unauthorized')
    expect(await setUp().visit({ ...rebound, authorization: basic() })).toBe('admin')
  })

  test.each([
    ['cams.example:80', 'write names = ["cams.example"] under [server] in its configuration (server.names)'],
    ['<b>', 'write names under [server] in its configuration (server.names)'],
  ])('%s: the sentence names the key', async (host, sentence) => {
    const decision = await setUp({}).access.decide({ ...plainRequest, host })
    expect(decision).toMatchObject({ message: expect.stringContaining(sentence) as string })
  })
})

describe('with credentials', () => {
  test.each([
    ['name and password', { authorization: basic() }, 'admin'],
    ['the token in a header', { authorization: `Bearer ${TOKEN}` }, 'watch'],
    ['the token in the address', { token: TOKEN }, 'watch'],
    ['the scheme in other letters', { authorization: basic().replace('Basic', 'bAsIC ') }, 'admin'],
    ['a wrong header and a right token', { authorization: 'Bearer x', token: TOKEN }, 'watch'],
    ['nothing', {}, '401 unauthorized'],
    ['a wrong password', { authorization: basic(USERNAME, 'wrong') }, '401 unauthorized'],
    ['a wrong name', { authorization: basic('bob') }, '401 unauthorized'],
    ['no password', { authorization: basic(USERNAME, '') }, '401 unauthorized'],
    ['no colon', { authorization: `Basic ${Buffer.from(USERNAME).toString('base64')}` }, '401 unauthorized'],
    ['the token as a password', { authorization: basic(USERNAME, TOKEN) }, '401 unauthorized'],
    ['the password as a token', { token: PASSWORD }, '401 unauthorized'],
    ['a wrong token', { token: `${TOKEN}0` }, '401 unauthorized'],
    ['an empty token', { token: '' }, '401 unauthorized'],
    ['rubbish', { authorization: 'Basic \u0000\u00ff!' }, '401 unauthorized'],
    [
      'a cookie that is none of ours',
      { cookie: 'rpi-webrtc-8080=admin.9999999999999.x' },
      '401 unauthorized',
    ],
  ])('%s: a request and a WebSocket get the same answer', async (_what, shown, answer) => {
    const { visit } = setUp()
    expect(await visit(shown)).toBe(answer)
    expect(await visit({ ...shown, ...ws })).toBe(answer)
  })

  test('a password may have colons and letters of every language', async () => {
    const [username, password] = ['Jörg', 'a:b:ü🎥']
    const { visit } = setUp({ username, password })
    expect(await visit({ authorization: basic(username, password) })).toBe('admin')
    expect(await visit({ authorization: basic(username.normalize('NFD'), password.normalize('NFD')) })).toBe(
      'admin',
    )
  })

  test('the challenge makes the browser ask for credentials', async () => {
    const challenge = async (options: AccessOptions) => {
      const decision = await setUp(options).access.decide(plainRequest)
      return decision.allowed ? undefined : decision.headers['WWW-Authenticate']
    }
    expect(await challenge({ password: PASSWORD })).toBe('Basic realm="rpi-webrtc", charset="UTF-8"')
    expect(await challenge({ token: TOKEN })).toBe('Bearer realm="rpi-webrtc"')
  })

  test('the token watches, also by WHEP, and does not administer', async () => {
    const { visit } = setUp()
    for (const watching of [{}, ws, { method: 'POST' }, { method: 'DELETE' }])
      expect(await visit({ token: TOKEN, ...watching })).toBe('watch')
    for (const method of ['GET', 'POST'])
      expect(await visit({ token: TOKEN, ...administering, method })).toBe('403 read-only')
    expect(await visit({ authorization: basic(), ...administering })).toBe('admin')
  })

  test('a public route needs no credentials, but rejects wrong ones', async () => {
    const { visit } = setUp()
    const shown = { permission: 'public' } as const
    expect(await visit(shown)).toBe('no role')
    expect(await visit({ ...shown, authorization: basic() })).toBe('admin')
    expect(await visit({ ...shown, token: 'wrong' })).toBe('401 unauthorized')
  })
})

describe('a session', () => {
  test('stands for the credentials it was given for', async () => {
    const { visit, cookieOf } = setUp()
    const [admin, watch] = [await cookieOf('admin'), await cookieOf('watch')]
    expect(await visit({ cookie: `other=1; ${admin}` })).toBe('admin')
    expect(await visit({ ...administering, cookie: admin, ...own })).toBe('admin')
    expect(await visit({ ...ws, host: 'pi:5557', cookie: watch, ...own })).toBe('watch')
    expect(await visit({ ...administering, cookie: watch })).toBe('403 read-only')
    expect(await visit({ ...administering, cookie: watch, authorization: basic() })).toBe('admin')
    expect(await visit({ ...administering, cookie: watch, token: 'wrong' })).toBe('403 read-only')
  })

  test('is a cookie that no script and no other site gets, and under TLS no plain connection', async () => {
    expect(await setUp().access.cookieFor('watch')).toMatch(
      /^rpi-webrtc-8080=watch\.[\w.-]+; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect(await setUp({ token: TOKEN, tls: true }).access.cookieFor('watch')).toContain('; Secure')
  })

  test('is for the folder of the page or for the prefix of a proxy, and Secure behind one with https', async () => {
    const { access } = setUp()
    expect(await access.cookieFor('watch', { path: undefined })).not.toContain('Path')
    expect(await access.cookieFor('watch', { path: '/cams/', isSecure: true })).toMatch(
      /; Path=\/cams\/; HttpOnly; Secure; SameSite=Strict$/,
    )
  })

  test('counts beside another one that is void', async () => {
    const { visit, cookieOf } = setUp()
    expect(await visit({ cookie: `rpi-webrtc-8080=void; ${await cookieOf('watch')}` })).toBe('watch')
  })

  test('ends when the password changes', async () => {
    const cookie = await setUp().cookieOf('admin')
    expect(await setUp().visit({ cookie })).toBe('admin')
    expect(await setUp({ password: 'another', token: TOKEN }).visit({ cookie })).toBe('401 unauthorized')
  })
})

describe('behind a proxy', () => {
  test('each host that it forwards has to be a name of the server', async () => {
    const { visit } = setUp({ names: ['home.example'] })
    expect(await visit({ forwardedHosts: ['home.example'] })).toBe('admin')
    for (const forwardedHosts of [['evil.example'], ['pi', 'evil.example'], ['home.example', '']])
      expect(await visit({ forwardedHosts })).toBe('421 unknown-host-name')
    expect(await visit({ host: 'evil.example', forwardedHosts: ['pi'] })).toBe('421 unknown-host-name')
  })

  test('a page is recognised by a forwarded host where the proxy replaces Host', async () => {
    const { visit, cookieOf } = setUp()
    const request = {
      ...ws,
      host: '127.0.0.1:8080',
      cookie: await cookieOf('watch'),
      origin: 'https://home.example',
    }
    expect(await visit(request)).toBe('403 origin-not-allowed')
    expect(await visit({ ...request, forwardedHosts: ['home.example'] })).toBe('watch')
    expect(await visit({ ...request, forwardedHosts: ['other.example'] })).toBe('403 origin-not-allowed')
  })
})

describe('a page of another origin', () => {
  test('opens no WebSocket with what the browser remembers', async () => {
    const { visit, cookieOf } = setUp()
    for (const remembered of [{ cookie: await cookieOf('admin') }, { authorization: basic() }]) {
      expect(await visit({ ...ws, ...remembered, ...evil })).toBe('403 origin-not-allowed')
      expect(await visit({ ...ws, ...remembered, ...own })).toBe('admin')
      expect(await visit({ ...administering, ...remembered, ...evil })).toBe('403 origin-not-allowed')
    }
  })

  test('is accepted by "*" with the token only, and by its name like the own origin', async () => {
    const options = { password: PASSWORD, token: TOKEN }
    const star = setUp({ ...options, allowOrigins: ['*'] })
    expect(await star.visit({ ...ws, ...evil, cookie: await star.cookieOf('admin') })).toBe(
      '401 unauthorized',
    )
    expect(await star.visit({ ...ws, ...evil, authorization: basic() })).toBe('401 unauthorized')
    expect(await star.visit({ ...ws, ...evil, token: TOKEN })).toBe('watch')
    const named = setUp({ ...options, allowOrigins: [evil.origin] })
    expect(await named.visit({ ...ws, ...evil, authorization: basic() })).toBe('admin')
  })
})

describe('a client with wrong credentials', () => {
  test('waits after five throttle, longer each time', async () => {
    const { guess, clock } = setUp()
    expect(await guess(7)).toEqual([
      ...Array<string>(5).fill('401 unauthorized'),
      ...Array<string>(2).fill('429 too-many-attempts'),
    ])
    const waits: number[] = []
    for (let i = 0; i < 8; i++) {
      const beganMs = clock.ms
      while ((await guess(1))[0]!.startsWith('429')) clock.ms += 1000
      waits.push((clock.ms - beganMs) / 1000)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
  })

  test('gets Retry-After', async () => {
    const { guess, access } = setUp()
    await guess(5)
    expect(await access.decide({ ...plainRequest, token: 'another guess' })).toMatchObject({
      status: 429,
      headers: { 'Retry-After': '1' },
    })
  })

  test('does not find out by trying while it waits', async () => {
    const { visit, guess } = setUp()
    await visit({ authorization: basic() }) // known to be right from now on
    await guess(5)
    expect(await visit({ authorization: basic() })).toBe('429 too-many-attempts')
    expect(await visit({ token: TOKEN })).toBe('429 too-many-attempts')
  })

  test('waits no longer because the wall clock was set back meanwhile', async () => {
    const clock = { ms: 1_800_000_000_000 }
    const passed = { ms: 0 }
    const { guess } = setUp({ password: PASSWORD, nowMs: () => clock.ms, monotonicMs: () => passed.ms })
    expect((await guess(6)).at(-1)).toBe('429 too-many-attempts')
    clock.ms -= 3_600_000
    passed.ms += 1500
    expect(await guess(1)).toEqual(['401 unauthorized'])
  })

  test('locks out no other network and no session', async () => {
    const { visit, guess, cookieOf } = setUp()
    await guess(50)
    expect(await visit({ authorization: basic(), address: '192.0.2.2' })).toBe('admin')
    expect(await visit({ cookie: await cookieOf('admin') })).toBe('admin')
  })

  test('is not freed by a token, by X-Forwarded-For or by parallel attempts', async () => {
    const { visit, guess } = setUp({ password: quickHash(PASSWORD), token: TOKEN })
    await guess(4)
    expect(await visit({ token: TOKEN })).toBe('watch')
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => await visit({ authorization: basic(USERNAME, `${i}`) })),
    )
    expect(answers.filter((answer) => answer === '401 unauthorized')).toHaveLength(1)
    expect(answers.filter((answer) => answer === '429 too-many-attempts')).toHaveLength(19)
  })

  test('that repeats them is not locked out: a device with an old password', async () => {
    const { visit } = setUp()
    for (let i = 0; i < 20; i++)
      expect(await visit({ authorization: basic(USERNAME, 'old') })).toBe('401 unauthorized')
    expect(await visit({ authorization: basic() })).toBe('admin')
  })

  test('is named in the log, what was guessed is not', async () => {
    const logged: unknown[][] = []
    const note = (...what: unknown[]): void => void logged.push(what)
    const log: Log = { debug: note, info: note, warn: note, error: note }
    const { guess, visit } = setUp({ password: PASSWORD, token: TOKEN, log })
    await guess(5)
    await visit({ token: 'guess at the token', address: '192.0.2.9' })
    expect(logged).toHaveLength(6)
    expect(logged.at(-2)).toEqual(['wrong credentials', { from: '192.0.2.1', mustWaitS: 1 }])
    expect(JSON.stringify(logged)).not.toContain('guess ')
  })
})

describe('a hashed password', () => {
  test('is computed once for all requests of a page, and never again', async () => {
    const { visit } = setUp({ password: quickHash(PASSWORD) })
    vi.mocked(verifyPassword).mockClear()
    const ask = async () => await visit({ authorization: basic() })
    expect(new Set(await Promise.all(Array.from({ length: 50 }, ask)))).toEqual(new Set(['admin']))
    expect(await ask()).toBe('admin')
    expect(vi.mocked(verifyPassword)).toHaveBeenCalledTimes(1)
  })

  test('is computed for a wrong name too, so that the response time does not reveal names', async () => {
    const { visit } = setUp({ password: quickHash(PASSWORD) })
    vi.mocked(verifyPassword).mockClear()
    await visit({ authorization: basic('bob') })
    expect(vi.mocked(verifyPassword)).toHaveBeenCalledTimes(1)
  })

  test('is checked while the event loop goes on', async () => {
    const { visit } = setUp({ password: await hashPassword(PASSWORD) })
    let turns = 0
    const turning = setInterval(() => turns++, 1)
    await visit({ authorization: basic() })
    clearInterval(turning)
    expect(turns).toBeGreaterThan(5)
  })

  test('that many ask to be checked at once is not checked for all of them', async () => {
    const { visit } = setUp({ password: quickHash(PASSWORD) })
    const answers = await Promise.all(
      Array.from(
        { length: 40 },
        async (_, i) => await visit({ authorization: basic(USERNAME, `${i}`), address: `192.0.2.${i}` }),
      ),
    )
    expect(answers.filter((answer) => answer === '429 too-many-attempts')).toHaveLength(8)
    expect(await visit({ authorization: basic() })).toBe('admin')
  })
})

describe('a form to sign in', () => {
  const login = (password: string, username = USERNAME) => ({ kind: 'login', username, password }) as const
  const from = { ...own, host: 'pi:8080', address: '192.0.2.1' }

  test('costs one verification for a wrong name, a wrong password and a right one, as a header does', async () => {
    for (const [username, password] of [
      ['nobody', PASSWORD],
      [USERNAME, 'wrong'],
      [USERNAME, PASSWORD],
    ] as const) {
      const { access, visit } = setUp({ password: quickHash(PASSWORD) })
      vi.mocked(verifyPassword).mockClear()
      const byForm = await access.signIn(login(password, username), from)
      expect(vi.mocked(verifyPassword)).toHaveBeenCalledTimes(1)
      const other = { authorization: basic(username, password), address: '192.0.2.2' }
      expect((await visit(other)) === 'admin').toBe(byForm.allowed)
    }
  })

  test('shares a verification with a header that has the same, and knows what was right before', async () => {
    const { access, visit } = setUp({ password: quickHash(PASSWORD) })
    vi.mocked(verifyPassword).mockClear()
    const both = await Promise.all([
      access.signIn(login(PASSWORD), from),
      visit({ authorization: basic() }),
      access.signIn(login(PASSWORD), { ...from, address: '192.0.2.7' }),
    ])
    expect(both).toEqual([{ allowed: true, role: 'admin' }, 'admin', { allowed: true, role: 'admin' }])
    await access.signIn(login(PASSWORD), from)
    expect(vi.mocked(verifyPassword)).toHaveBeenCalledTimes(1)
  })

  test('decides again if the password changes while it is verified', async () => {
    const { access } = setUp({ password: quickHash(PASSWORD) })
    const reloadable = createReloadableAccess(access)
    const decision = reloadable.signIn(login(PASSWORD), from)
    reloadable.replace(accessWith({ password: quickHash('another') }))
    expect(await decision).toMatchObject({ allowed: false, status: 401 })
    expect(await reloadable.signIn(login('another'), from)).toEqual({ allowed: true, role: 'admin' })
    reloadable.replace(accessWith())
    expect(reloadable.signInWith).toBeUndefined()
  })

  test.each([evil.origin, 'null'])('of %s costs no verification', async (origin) => {
    for (const allowOrigins of [[], ['*']]) {
      const { access } = setUp({ password: PASSWORD, allowOrigins })
      vi.mocked(verifyPassword).mockClear()
      expect(await access.signIn(login(PASSWORD), { ...from, origin })).toMatchObject({ status: 403 })
      expect(vi.mocked(verifyPassword)).not.toHaveBeenCalled()
    }
  })
})

describe('a proof', () => {
  const from = { origin: undefined, host: undefined, address: '192.0.2.7' }
  const proof = (username: string, secret: string) =>
    ({ kind: 'proof', username, response: secret, proves: (known: string) => known === secret }) as const

  test.each([
    ['of the password', { password: PASSWORD, token: TOKEN }, proof(USERNAME, PASSWORD), 'admin'],
    ['of the token', { password: PASSWORD, token: TOKEN }, proof('token', TOKEN), 'watch'],
    [
      'of the token under another name',
      { password: PASSWORD, token: TOKEN },
      proof(USERNAME, TOKEN),
      undefined,
    ],
    ['of the password under another name', { password: PASSWORD }, proof('otto', PASSWORD), undefined],
    ['without a token', { password: PASSWORD }, proof('token', TOKEN), undefined],
    ['of a hash', { password: quickHash(PASSWORD) }, proof(USERNAME, quickHash(PASSWORD)), undefined],
  ])('%s', async (_title, options, credential, role) => {
    const decision = await accessWith(options).signIn(credential, from)
    expect(decision).toMatchObject(
      role === undefined ? { allowed: false, status: 401 } : { allowed: true, role },
    )
  })

  test('is accepted where every secret is known as text', () => {
    const accepts = (options: Parameters<typeof accessWith>[0]): boolean => accessWith(options).acceptsProofs
    expect(accepts({ password: PASSWORD, token: TOKEN })).toBe(true)
    expect(accepts({ token: TOKEN })).toBe(true)
    expect(accepts({ password: quickHash(PASSWORD), token: TOKEN })).toBe(false)
    expect(accepts({})).toBe(false)
  })
})
