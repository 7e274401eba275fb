import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { normalForm, parsePassword, type Password } from '../lib/password-format.js'

// Each parser throws an Error whose message is the rest of a sentence that begins with the value.

export const MIN_TOKEN_LENGTH = 16

export function parsePath(text: string): string {
  if (text.trim() === '') throw new Error('is empty: write the path of the file or delete the line')
  if (text.includes('-----BEGIN')) throw new Error('is the content of the file: write the path of the file')
  if (/\p{Cc}/u.test(text)) throw new Error('has a control character in it: write the path again')
  return text
}

/** RFC 7617 section 2: in Basic authentication the name ends at the first colon. */
export function parseUsername(text: string): string {
  if (text === '') throw new Error('is empty: write a name, or delete username and password')
  if (text.includes(':')) throw new Error('has a colon in it, which browsers cannot send: leave it out')
  if (/\p{Cc}/u.test(text)) throw new Error('has a control character in it, which cannot be typed: delete it')
  if (text !== text.trim()) throw new Error('has a space at its end: delete it')
  return normalForm(text)
}

/** Session cookies are signed with a key that is derived from the text. */
export const parseLoginPassword = (text: string): { password: Password; passwordText: string } => ({
  password: parsePassword(text),
  passwordText: text,
})

/** Its errors do not contain the token. */
export function parseToken(text: string): string {
  if (text === '')
    throw new Error('is empty: write one, such as "openssl rand -hex 16" prints, or delete the line')
  if (!/^[\w.~-]+$/.test(text))
    throw new Error('has characters that an address cannot have: letters, digits and - . _ ~ can be used')
  if (text.length < MIN_TOKEN_LENGTH)
    throw new Error(
      `has ${text.length} characters, which can be guessed: write at least ${MIN_TOKEN_LENGTH}, such as "openssl rand -hex 16" prints`,
    )
  return text
}

/** The `Origin` that a browser sends, or "*". */
export function parseOrigin(text: string): string {
  if (text === '*') return text
  const example = 'write one such as "http://mainsail.local", or "*" for every page'
  if (text.includes('*')) throw new Error(`has a * in it, which is valid only alone: ${example}`)
  if (!/^https?:\/\//i.test(text)) throw new Error(`is not an origin: ${example}`)
  if (!URL.canParse(text)) throw new Error(`is not an address: ${example}`)
  const { origin, pathname, search, hash, username } = new URL(text)
  if (pathname !== '/' || search !== '' || hash !== '' || username !== '' || text.endsWith('/'))
    throw new Error(`has more than scheme, host and port: write "${origin}"`)
  return origin
}

/** The `Host` that a browser sends, without the port. */
export function parseHostName(text: string): string {
  const example = 'write a host name such as "cams.example"'
  const name = (/^[\x20-\x7e]*$/.test(text) ? text.toLowerCase() : domainToASCII(text)).replace(/\.$/, '')
  if (name.includes('*')) throw new Error(`has a * in it: ${example}, each name on its own`)
  if (name.includes('/')) throw new Error(`is an address of a page: ${example}, without http:// and path`)
  if (/:\d+$/.test(name)) throw new Error(`has a port in it: ${example}, without the port`)
  if (isIP(name.replace(/^\[|\]$/g, '')) !== 0)
    throw new Error('is an IP address, and those are always accepted: delete it')
  if (
    name.length > 253 ||
    !name.split('.').every((label) => /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/.test(label))
  )
    throw new Error(`is not a host name: ${example}`)
  return name
}

/** The address of a proxy, or the network of several. */
export function parseTrustedProxy(text: string): string {
  const example = 'write one such as "127.0.0.1" or "10.0.0.0/8"'
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0)
    throw new Error(
      /^[a-z][a-z\d.-]*$/i.test(address)
        ? `is a name, which anybody may answer for: ${example}`
        : `is no IP address: ${example}`,
    )
  if (address.includes('%')) throw new Error(`has a zone in it: ${example}`)
  if (bits === undefined) return text
  const most = family === 6 ? 128 : 32
  if (more.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most)
    throw new Error(`is no network: after the slash write the number of its bits, at most ${most}`)
  if (Number(bits) === 0)
    throw new Error('is every address, so that any client could invent its own: write those of the proxies')
  return text
}
