import { createHash, timingSafeEqual } from 'node:crypto'

export const REALM = 'rpi-webrtc'

/** What a client answers to a Digest challenge (RFC 7616 section 3.4). Texts as they came, in latin1. */
export interface DigestResponse {
  username: string
  nonce: string
  uri: string
  response: string
  /** With `qop` (section 3.4.1): what is hashed besides; undefined without. */
  quality: { qop: string; nc: string; cnonce: string } | undefined
}

const PARAMETER = /[\s,]*([\w-]{1,16})=(?:"((?:[^"\\]|\\.){0,1024})"|([^\s,"]{1,1024}))/y
const MAX_PARAMETERS = 16

/** Parses what follows `Digest `. @returns undefined if something is missing. */
export function parseDigest(text: string): DigestResponse | undefined {
  const parameters = new Map<string, string>()
  PARAMETER.lastIndex = 0
  for (let i = 0; i < MAX_PARAMETERS; i++) {
    const match = PARAMETER.exec(text)
    if (match === null) break
    parameters.set(match[1]!.toLowerCase(), match[2]?.replaceAll(/\\(.)/gs, '$1') ?? match[3]!)
  }
  const of = (name: string): string | undefined => parameters.get(name)
  const [username, nonce, uri, response] = [of('username'), of('nonce'), of('uri'), of('response')]
  const [qop, nc, cnonce] = [of('qop'), of('nc'), of('cnonce')]
  if (username === undefined || nonce === undefined || uri === undefined || response === undefined)
    return undefined
  const quality = qop === undefined ? undefined : { qop, nc: nc ?? '', cnonce: cnonce ?? '' }
  return { username, nonce, uri, response: response.toLowerCase(), quality }
}

/** Which of both a client has used follows from the length: some ignore the algorithm of the challenge. */
const ALGORITHMS: Readonly<Record<number, string>> = { 32: 'md5', 64: 'sha256' }

/** Whether the response was made with this password. */
export function isResponseOf(
  digest: DigestResponse,
  method: string,
  password: string,
  realm = REALM,
): boolean {
  const { username, nonce, uri, response, quality } = digest
  const algorithm = ALGORITHMS[response.length]
  if (algorithm === undefined || !/^[\da-f]+$/.test(response)) return false
  const hash = (...parts: Buffer[]): string =>
    createHash(algorithm)
      .update(Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [COLON, part]))))
      .digest('hex')
  const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
  const secret = hash(latin1(username), latin1(realm), Buffer.from(password))
  const request = hash(latin1(method), latin1(uri))
  const between = quality === undefined ? [] : [quality.nc, quality.cnonce, quality.qop]
  const expected = hash(...[secret, nonce, ...between, request].map(latin1))
  return timingSafeEqual(Buffer.from(expected), Buffer.from(response))
}

const COLON = Buffer.of(0x3a)

/** SHA-256 first, as RFC 7616 section 3.7 wants it; of several Digest challenges most players use the last. */
export const digestChallenges = (nonce: string, isStale: boolean): string[] =>
  ['SHA-256', 'MD5'].map(
    (algorithm) =>
      `Digest realm="${REALM}", nonce="${nonce}", algorithm=${algorithm}${isStale ? ', stale=true' : ''}`,
  )
