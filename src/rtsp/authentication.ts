import { randomBytes } from 'node:crypto'
import { digestChallenges, isResponseOf, parseDigest, REALM } from './digest.js'
import { RtspError } from './rtsp-error.js'
import type { RtspResponse } from './response.js'

type Credential =
  | { kind: 'login'; username: string; password: string }
  | { kind: 'token'; token: string }
  | { kind: 'proof'; username: string; response: string; proves: (secret: string) => boolean }

/** What this file needs of the access control of HTTP: credentials, and how it slows down brute force, are the same. */
export interface RtspAccess {
  /** Undefined without configured credentials. */
  readonly signInWith: 'login' | 'token' | undefined
  /** Whether Digest works with every configured secret. */
  readonly acceptsProofs: boolean
  signIn(
    credential: Credential,
    request: { origin: undefined; host: undefined; address: string },
  ): Promise<
    { allowed: true } | { allowed: false; status: number; message: string; headers: Record<string, string> }
  >
}

export interface PresentedRequest {
  method: string
  /** The header, in latin1. */
  authorization: string | undefined
  /** `?token=` */
  token: string | undefined
}

/** The user name that stands for the token. */
const TOKEN_USERNAME = 'token'
/** Wrong answers of one connection. */
const MAX_CHALLENGES = 8

/**
 * Authenticates one connection. Once is enough: its nonce is its own, and the requests that follow come from the same client. Every
 * configured role may watch.
 */
export class Authentication {
  readonly #access: RtspAccess
  readonly #address: string
  readonly #nonce = randomBytes(16).toString('hex')
  #isAuthenticated = false
  #challenges = 0

  constructor(access: RtspAccess, address: string) {
    this.#access = access
    this.#address = address
  }

  get isAuthenticated(): boolean {
    return this.#isAuthenticated
  }

  /** @returns the response for a client that may not watch. @throws RtspError while its address has to wait. */
  async check(request: PresentedRequest): Promise<RtspResponse | undefined> {
    if (this.#isAuthenticated) return undefined
    const access = this.#access
    if (access.signInWith === undefined) {
      this.#isAuthenticated = true
      return undefined
    }
    const credential = this.#credentialOf(request)
    if (credential === undefined) return this.#challenge(false)
    if (credential === 'stale') return this.#challenge(true)
    const client = { origin: undefined, host: undefined, address: this.#address }
    const decision = await access.signIn(credential, client)
    if (decision.allowed) {
      this.#isAuthenticated = true
      return undefined
    }
    if (decision.status === 401) return this.#challenge(false)
    const { 'Retry-After': wait } = decision.headers
    throw new RtspError(503, decision.message, wait === undefined ? {} : { 'Retry-After': wait })
  }

  #credentialOf({ method, authorization = '', token }: PresentedRequest): Credential | 'stale' | undefined {
    const [, scheme = '', value = ''] = /^(\w{1,16}) +(.+)$/s.exec(authorization) ?? []
    switch (scheme.toLowerCase()) {
      case 'basic': {
        const text = Buffer.from(value, 'base64').toString('utf8')
        const colon = text.indexOf(':')
        if (colon === -1) return undefined
        const [username, password] = [text.slice(0, colon), text.slice(colon + 1)]
        return username === TOKEN_USERNAME
          ? { kind: 'token', token: password }
          : { kind: 'login', username, password }
      }
      case 'bearer':
        return { kind: 'token', token: value.trim() }
      case 'digest': {
        const digest = parseDigest(value)
        if (digest === undefined || !this.#access.acceptsProofs) return undefined
        if (digest.nonce !== this.#nonce) return 'stale'
        return {
          kind: 'proof',
          username: Buffer.from(digest.username, 'latin1').toString('utf8'),
          response: digest.response,
          proves: (secret) => isResponseOf(digest, method, secret),
        }
      }
      default:
        return token === undefined ? undefined : { kind: 'token', token }
    }
  }

  /** Basic last: some players use the last challenge that they know, but keep Digest. */
  #challenge(isStale: boolean): RtspResponse {
    const digest = this.#access.acceptsProofs ? digestChallenges(this.#nonce, isStale) : []
    return {
      status: 401,
      headers: { 'WWW-Authenticate': [...digest, `Basic realm="${REALM}"`] },
      closes: ++this.#challenges > MAX_CHALLENGES,
    }
  }
}
