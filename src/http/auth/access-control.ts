import { serialize } from 'hono/utils/cookie'
import type { AccessConfig } from '../../config/types.js'
import { keyFrom } from '../../lib/password.js'
import type { Log } from '../../log.js'
import { cookieIn } from './cookie.js'
import { createAuthenticator, presentedBy } from './authenticator.js'
import { createHostNames, nameOf } from './host-names.js'
import { createOrigins, type OriginKind, type Origins } from './origins.js'
import { isSafe, type Permission } from './permission.js'
import { createSessionCookies, type Role } from './session-cookies.js'

export type { Role } from './session-cookies.js'

/** What is asked, by whom: the same of a request and of a WebSocket's handshake. */
export interface AccessRequest {
  method: string
  /** What the route, or the WebSocket, needs. */
  permission: Permission
  isWebSocket: boolean
  /** `?token=`, for what cannot send headers: an <img>, a browser's WebSocket. */
  token: string | undefined
  authorization: string | undefined
  cookie: string | undefined
  origin: string | undefined
  host: string | undefined
  /** Of the other end of the connection. What it says of itself (X-Forwarded-For) is not believed: anybody can say it. */
  address: string
}

export type AccessDecision =
  /** There is no role only where the permission is `public` and no credentials were shown. `by` is what the role rests on. */
  { allowed: true; role: Role | undefined; by: 'nothing' | 'cookie' | 'query' | 'header' } | Refusal

export interface Refusal {
  allowed: false
  status: 401 | 403 | 421 | 429
  code: string
  message: string
  headers: Record<string, string>
}

export interface AccessControl {
  readonly origins: Origins
  decide(visit: AccessRequest): Promise<AccessDecision>
  /** Why nothing at all is answered under this `Host`; undefined where the server answers to that name. */
  refusalOfHost(host: string | undefined): Refusal | undefined
  /** The Set-Cookie header that spares a browser the credentials it just gave; undefined where there are none. */
  cookieFor(role: Role): Promise<string | undefined>
}

const changesSomething = ({ method }: AccessRequest): boolean => !isSafe(method)

const administers = ({ permission }: AccessRequest): boolean => permission === 'administer'

export interface AccessEnvironment {
  webPort: number
  tls: boolean
  log: Log
  /** The names of this machine in its network, in small letters. */
  machineNames: () => ReadonlySet<string>
  /** What a session is signed with, made of a secret; slow on purpose. */
  deriveKey?: typeof keyFrom
  /** Sessions end by the wall clock, for they outlive the program. */
  nowMs?: () => number
  /** Waits do not: a wall clock that is set back would keep people out for as long. */
  monotonicMs?: () => number
}

/** The one place that decides who may do what, for every route and every WebSocket of every port. */
export function createAccessControl(
  config: AccessConfig,
  {
    webPort,
    tls,
    log,
    machineNames,
    deriveKey = keyFrom,
    nowMs = Date.now,
    monotonicMs = () => performance.now(),
  }: AccessEnvironment,
): AccessControl {
  const { login, token } = config
  const hasCredentials = login !== undefined || token !== undefined
  const origins = createOrigins({ allowed: config.allowOrigins, hasCredentials, webPort })
  const hostNames = createHostNames({
    names: config.names,
    allowOrigins: config.allowOrigins ?? [],
    machineNames,
  })
  // A page under a rebound name has no credentials to show: where some are needed, the name does not matter.
  const refusalOfHost = (host: string | undefined): Refusal | undefined =>
    hasCredentials || hostNames.includes(host) ? undefined : misdirected(host)
  const cookieName = `rpi-webrtc-${webPort}` // cookies know no ports: two servers of one host must not share one
  const sessions = createSessionCookies(
    {
      ...(login && {
        admin: deriveKey(`${login.username}:${login.passwordText}`, 'rpi-webrtc session: admin'),
      }),
      ...(token !== undefined && { watch: deriveKey(token, 'rpi-webrtc session: watch') }),
    },
    nowMs,
  )
  const judge = createAuthenticator(config, log, monotonicMs)

  const identify = async (visit: AccessRequest, origin: OriginKind): Promise<AccessDecision | undefined> => {
    // What a browser adds by itself is no proof that the person wanted it, unless the page is one of those named.
    const explicitOnly = origin === 'any' || origin === 'foreign'
    const cookie = explicitOnly ? undefined : cookieIn(visit.cookie ?? '', cookieName)
    const session = cookie === undefined ? undefined : await sessions.read(cookie)
    const remembered = session && ({ allowed: true, role: session, by: 'cookie' } as const)
    // Who came by a link with the token may log in later, and is asked for what the token cannot do.
    if (remembered && (session === 'admin' || !administers(visit))) return remembered
    for (const { by, ...credential } of presentedBy(visit.authorization, visit.token)) {
      if (explicitOnly && credential.kind === 'login') continue
      const found = await judge(credential, visit.address)
      if (typeof found === 'object') return tooMany(found.waitMs)
      if (found !== undefined) return { allowed: true, role: found, by }
    }
    return remembered
  }

  return {
    origins,
    refusalOfHost,
    decide: async (visit) => {
      const misdirection = refusalOfHost(visit.host)
      if (misdirection !== undefined) return misdirection
      const origin = origins.kindOf(visit.origin, visit.host)
      if (origin === 'foreign' && (visit.isWebSocket || changesSomething(visit))) return originRefused(visit)
      if (origin === 'any' && administers(visit)) return originRefused(visit)
      if (!hasCredentials) return { allowed: true, role: 'admin', by: 'nothing' }
      const verdict = await identify(visit, origin)
      if (verdict === undefined)
        return isPublic(visit)
          ? { allowed: true, role: undefined, by: 'nothing' }
          : unauthorized(login !== undefined)
      if (verdict.allowed && verdict.role !== 'admin' && administers(visit)) return readOnly
      return verdict
    },
    cookieFor: async (role) => {
      if (!hasCredentials) return undefined
      const options = { path: '/', httpOnly: true, sameSite: 'Strict', secure: tls } as const
      return serialize(cookieName, await sessions.issue(role), options)
    },
  }
}

/** Wrong credentials are wrong on a public route as well: their owner should learn of it. */
const isPublic = ({ permission, authorization, token }: AccessRequest): boolean =>
  permission === 'public' && authorization === undefined && token === undefined

const unauthorized = (hasLogin: boolean): Refusal => ({
  allowed: false,
  status: 401,
  code: 'unauthorized',
  message: 'this server wants credentials',
  headers: {
    'WWW-Authenticate': hasLogin ? 'Basic realm="rpi-webrtc", charset="UTF-8"' : 'Bearer realm="rpi-webrtc"',
  },
})

const tooMany = (waitMs: number): Refusal => ({
  allowed: false,
  status: 429,
  code: 'too-many-attempts',
  message: 'too many wrong credentials came from this address; try again later',
  headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) },
})

const readOnly: Refusal = {
  allowed: false,
  status: 403,
  code: 'read-only',
  message: 'the token may watch and nothing else',
  headers: {},
}

/** RFC 9110 section 15.5.20. */
function misdirected(host: string | undefined): Refusal {
  const name = nameOf(host ?? '')?.slice(0, 253)
  const wanted = name === undefined ? 'names' : `names = ["${name}"]`
  return {
    allowed: false,
    status: 421,
    code: 'unknown-host-name',
    message: `this server has no password, so it answers only to its own names and addresses (against DNS rebinding). To reach it by another name, write ${wanted} under [server] in its configuration (server.names), or set username and password there`,
    headers: {},
  }
}

const originRefused = ({ origin }: AccessRequest): Refusal => ({
  allowed: false,
  status: 403,
  code: 'origin-not-allowed',
  message: `pages of ${origin ?? ''} may not use this server; server.allow-origins names those that may`,
  headers: {},
})
