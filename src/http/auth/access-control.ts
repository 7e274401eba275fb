import { serialize } from 'hono/utils/cookie'
import type { AccessConfig } from '../../config/types.js'
import { keyFrom } from '../../lib/password.js'
import type { Log } from '../../log.js'
import { cookiesIn } from './cookie.js'
import { createAuthenticator, presentedBy, type Credential } from './authenticator.js'
import { createHostNames, nameOf } from './host-names.js'
import { createOrigins, type OriginKind, type Origins } from './origins.js'
import { isSafe, type Permission } from './permission.js'
import { createSessionCookies, type Role } from './session-cookies.js'

export type { Role } from './session-cookies.js'

/** A request, or the handshake of a WebSocket. */
export interface AccessRequest {
  method: string
  /** The permission that the route or the WebSocket needs. */
  permission: Permission
  isWebSocket: boolean
  /** The camera that the route publishes to; undefined unless that is its permission. */
  camera?: string | undefined
  /** `?token=`, for clients that cannot send headers: an <img>, a browser's WebSocket. */
  token: string | undefined
  authorization: string | undefined
  cookie: string | undefined
  origin: string | undefined
  host: string | undefined
  /** The values of `Host` that the client sent to trusted proxies. */
  forwardedHosts?: readonly string[]
  /** Of the client; behind a trusted proxy not that of the connection. */
  address: string
}

export type AccessDecision =
  /** A client without credentials has no role on a public route. `by` is the source of the role. */
  { allowed: true; role: Role | undefined; by: 'nothing' | 'cookie' | 'query' | 'header' } | Rejection

export interface Rejection {
  allowed: false
  status: 401 | 403 | 421 | 429
  code: string
  message: string
  headers: Record<string, string>
}

export type SignInDecision = { allowed: true; role: Role } | Rejection

export interface AccessControl {
  readonly origins: Origins
  /** What a person signs in with; undefined without configured credentials. */
  readonly signInWith: 'login' | 'token' | undefined
  /** Whether every secret is known as text, so that a client may prove that it knows it. A hashed password has to be sent. */
  readonly acceptsProofs: boolean
  decide(request: AccessRequest): Promise<AccessDecision>
  /** Verifies credentials from a form as `decide` verifies a header: with the same throttle, in the same time. */
  signIn(
    credential: Credential,
    request: Pick<AccessRequest, 'origin' | 'host' | 'forwardedHosts' | 'address'>,
  ): Promise<SignInDecision>
  /** Undefined if the server answers to this `Host`, and to each value that trusted proxies forward. */
  rejectHost(host: string | undefined, forwardedHosts?: readonly string[]): Rejection | undefined
  /** The Set-Cookie header for a browser that just authenticated; undefined without configured credentials. */
  cookieFor(role: Role, scope?: CookieScope): Promise<string | undefined>
  /** The Set-Cookie header that removes the cookie of this scope. */
  cookieRemoval(scope: CookieScope): string
}

export interface CookieScope {
  /** Whether the client uses https, by a trusted proxy. */
  isSecure?: boolean
  /** Undefined for the folder of the page (RFC 6265 section 5.1.4). */
  path?: string | undefined
}

const isWrite = ({ method }: AccessRequest): boolean => !isSafe(method)

const needsAdmin = ({ permission }: AccessRequest): boolean => permission === 'administer'

export interface AccessEnvironment {
  webPort: number
  tls: boolean
  log: Log
  /** The names of this machine in its network, in lower case. */
  machineNames: () => ReadonlySet<string>
  /** Derives the key that signs sessions from a secret; slow on purpose. */
  deriveKey?: typeof keyFrom
  /** Sessions expire by the wall clock, because they outlive the process. */
  nowMs?: () => number
  /** Lockouts use a monotonic clock: setting back the wall clock would extend them. */
  monotonicMs?: () => number
}

/** Decides every request and every WebSocket of every port. */
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
  // With credentials DNS rebinding is harmless: a page under a rebound name has none to send.
  const rejectHost: AccessControl['rejectHost'] = (host, forwardedHosts = []) => {
    if (hasCredentials) return undefined
    // All of them: a proxy that replaces Host may append to what the client invented.
    const wrong = [host, ...forwardedHosts].findIndex((one) => !hostNames.includes(one))
    return wrong === -1 ? undefined : misdirected([host, ...forwardedHosts][wrong])
  }
  const cookieName = `rpi-webrtc-${webPort}` // cookies ignore ports, and two servers of one host must not share one
  const sessions = createSessionCookies(
    {
      ...(login && {
        admin: deriveKey(`${login.username}:${login.passwordText}`, 'rpi-webrtc session: admin'),
      }),
      ...(token !== undefined && { watch: deriveKey(token, 'rpi-webrtc session: watch') }),
    },
    nowMs,
  )
  const authenticate = createAuthenticator(config, log, monotonicMs)

  const sessionIn = async (header: string): Promise<Role | undefined> => {
    for (const cookie of cookiesIn(header, cookieName)) {
      const session = await sessions.read(cookie)
      if (session !== undefined) return session
    }
    return undefined
  }

  const identify = async (
    request: AccessRequest,
    origin: OriginKind,
  ): Promise<AccessDecision | undefined> => {
    // Credentials that a browser adds by itself count only for pages of the server or of a named origin.
    const explicitOnly = origin === 'any' || origin === 'foreign'
    const session = explicitOnly ? undefined : await sessionIn(request.cookie ?? '')
    const bySession = session && ({ allowed: true, role: session, by: 'cookie' } as const)
    // A browser with a token cookie may authenticate later for what the token does not permit.
    if (bySession && (session === 'admin' || !needsAdmin(request))) return bySession
    for (const { by, ...credential } of presentedBy(request.authorization, request.token)) {
      if (explicitOnly && credential.kind === 'login') continue
      const result = await authenticate(credential, request.address)
      if (typeof result === 'object') return tooMany(result.waitMs)
      if (result !== undefined && result !== 'publish') return { allowed: true, role: result, by }
    }
    return bySession
  }

  /** Nothing is open here: a stranger must not replace the picture of a server that everybody may watch. */
  const decidePublisher = async (request: AccessRequest, origin: OriginKind): Promise<AccessDecision> => {
    const explicitOnly = origin === 'any' || origin === 'foreign'
    const session = explicitOnly ? undefined : await sessionIn(request.cookie ?? '')
    if (session === 'admin') return { allowed: true, role: session, by: 'cookie' }
    for (const { by, ...credential } of presentedBy(request.authorization, request.token)) {
      if (explicitOnly && credential.kind === 'login') continue
      const result = await authenticate(credential, request.address, request.camera ?? '')
      if (typeof result === 'object') return tooMany(result.waitMs)
      // A publisher may do nothing else, so it has no role.
      if (result === 'admin' || result === 'publish')
        return { allowed: true, role: result === 'admin' ? result : undefined, by }
    }
    return publishUnauthorized
  }

  const cookieOptions = ({ isSecure = false, path }: CookieScope) =>
    ({ httpOnly: true, sameSite: 'Strict', secure: tls || isSecure, ...(path && { path }) }) as const

  return {
    origins,
    signInWith: login !== undefined ? 'login' : token !== undefined ? 'token' : undefined,
    acceptsProofs: hasCredentials && (login === undefined || login.password.kind === 'plain'),
    rejectHost,
    decide: async (request) => {
      const wrongHost = rejectHost(request.host, request.forwardedHosts)
      if (wrongHost !== undefined) return wrongHost
      const origin = origins.kindOf(request.origin, request.host, request.forwardedHosts)
      if (origin === 'foreign' && (request.isWebSocket || isWrite(request))) return rejectOrigin(request)
      if (origin === 'any' && needsAdmin(request)) return rejectOrigin(request)
      if (request.permission === 'publish') return await decidePublisher(request, origin)
      if (!hasCredentials) return { allowed: true, role: 'admin', by: 'nothing' }
      const decision = await identify(request, origin)
      if (decision === undefined)
        return isPublic(request)
          ? { allowed: true, role: undefined, by: 'nothing' }
          : unauthorized(login !== undefined)
      if (decision.allowed && decision.role !== 'admin' && needsAdmin(request)) return readOnly
      return decision
    },
    signIn: async (credential, request) => {
      const { origin, host, forwardedHosts, address } = request
      // A form of another site could sign a browser in, or use up the attempts of its address.
      const kind = origins.kindOf(origin, host, forwardedHosts)
      if (kind === 'foreign' || kind === 'any') return rejectOrigin(request)
      const result = await authenticate(credential, address)
      if (typeof result === 'object') return tooMany(result.waitMs)
      return result === undefined || result === 'publish'
        ? unauthorized(login !== undefined)
        : { allowed: true, role: result }
    },
    cookieFor: async (role, scope = { path: '/' }) =>
      hasCredentials ? serialize(cookieName, await sessions.issue(role), cookieOptions(scope)) : undefined,
    cookieRemoval: (scope) => serialize(cookieName, '', { ...cookieOptions(scope), maxAge: 0 }),
  }
}

/** A public route still rejects wrong credentials, so that the client notices them. */
const isPublic = ({ permission, authorization, token }: AccessRequest): boolean =>
  permission === 'public' && authorization === undefined && token === undefined

const unauthorized = (hasLogin: boolean): Rejection => ({
  allowed: false,
  status: 401,
  code: 'unauthorized',
  message: 'authentication required',
  headers: {
    'WWW-Authenticate': hasLogin ? 'Basic realm="rpi-webrtc", charset="UTF-8"' : 'Bearer realm="rpi-webrtc"',
  },
})

/** RFC 6750 section 3. */
const publishUnauthorized: Rejection = {
  allowed: false,
  status: 401,
  code: 'unauthorized',
  message: 'to publish, send the whip-token of this camera as "Authorization: Bearer ..."',
  headers: { 'WWW-Authenticate': 'Bearer realm="rpi-webrtc"' },
}

const tooMany = (waitMs: number): Rejection => ({
  allowed: false,
  status: 429,
  code: 'too-many-attempts',
  message: 'too many wrong credentials came from this address; try again later',
  headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) },
})

const readOnly: Rejection = {
  allowed: false,
  status: 403,
  code: 'read-only',
  message: 'the token grants the right to watch only',
  headers: {},
}

/** 421: RFC 9110 section 15.5.20. */
function misdirected(host: string | undefined): Rejection {
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

const rejectOrigin = ({ origin }: Pick<AccessRequest, 'origin'>): Rejection => ({
  allowed: false,
  status: 403,
  code: 'origin-not-allowed',
  message: `pages of ${origin ?? ''} may not use this server; add the origin to server.allow-origins`,
  headers: {},
})
