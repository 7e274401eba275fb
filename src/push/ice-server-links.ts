import { parseTurnServer } from '../config/turn.js'

/** As many as an offer asks. */
const MAX_SERVERS = 4
/** A link with a long token as its user name has 600. */
const MAX_LINK_LENGTH = 1000

/** RFC 8288 section 3; lines that are not so end there. Quoted strings and their escapes: RFC 9110 section 5.6.4. */
const TARGET = /[\s,]*<([^<>]*)>/y
const PARAMETER = /\s*;\s*(?:([!#$%&'*+.^_`|~\w-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?)?/y
const END = /\s*(?:,|$)/y

interface IceServerLink {
  /** With port and transport. */
  uri: string
  username: string
  password: string
}

/**
 * The TURN servers in the `Link` headers of a response (RFC 9725 section 4.6), four at most. Other links, and what cannot be used, are
 * left out: STUN servers, DTLS, and tokens in place of a password.
 */
export function iceServersOf(lines: readonly string[]): IceServerLink[] {
  const servers = new Map<string, IceServerLink>()
  for (const line of lines)
    for (const link of linksIn(line)) {
      const server = serverOf(link)
      if (server !== undefined) servers.set(server.uri, servers.get(server.uri) ?? server)
      if (servers.size === MAX_SERVERS) return [...servers.values()]
    }
  return [...servers.values()]
}

interface Link {
  target: string
  /** The first of each name counts, which is in lower case. */
  parameters: ReadonlyMap<string, string>
}

/** Of one header line. HTTP limits its length. */
function* linksIn(line: string): Generator<Link> {
  let at = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(line)
    if (found !== null) at = pattern.lastIndex
    return found
  }
  for (;;) {
    const startsAt = at
    const [, target] = match(TARGET) ?? []
    if (target === undefined) return
    const parameters = new Map<string, string>()
    for (let found = match(PARAMETER); found !== null; found = match(PARAMETER)) {
      const [, name = '', quoted, token = ''] = found
      const key = name.toLowerCase()
      if (!parameters.has(key)) parameters.set(key, quoted?.replaceAll(/\\(.)/g, '$1') ?? token)
    }
    if (match(END) === null) return
    if (at - startsAt <= MAX_LINK_LENGTH) yield { target, parameters }
  }
}

function serverOf({ target, parameters }: Link): IceServerLink | undefined {
  const relations = (parameters.get('rel') ?? '').toLowerCase().split(/\s+/)
  const type = parameters.get('credential-type') ?? 'password'
  // A link with an anchor is of another resource (RFC 8288 section 3.2).
  if (!relations.includes('ice-server') || parameters.has('anchor') || type !== 'password') return undefined
  const [username, password] = [parameters.get('username'), parameters.get('credential')]
  if (!isCredential(username) || !isCredential(password)) return undefined
  const uri = turnUriOf(target)
  return uri === undefined ? undefined : { uri, username, password }
}

/** RFC 8489 section 14.3: a user name is shorter than 509 bytes. */
const isCredential = (text: string | undefined): text is string => /^[\x20-\x7e]{1,508}$/.test(text ?? '')

function turnUriOf(target: string): string | undefined {
  try {
    const uri = parseTurnServer(target)
    const isDtls = uri.startsWith('turns:') && uri.endsWith('=udp') // Node.js does not have it
    return isDtls ? undefined : uri
  } catch {
    return undefined
  }
}
