import { isIP } from 'node:net'

/** An address to offer to browsers, or a name that has one. */
export interface Announced {
  host: string
  /** Undefined for `webrtc.udp-port`. */
  port: number | undefined
}

const EXAMPLES = 'write one such as "203.0.113.7", "home.example.org" or "203.0.113.7:48189"'

/** @throws Error whose message is the rest of a sentence that begins with the value. */
export function parseAnnounced(text: string): Announced {
  if (text === '') throw new Error('is empty: write an address such as "203.0.113.7" or delete the line')
  if (/^stuns?(?::\d*)?$/i.test(text))
    throw new Error('is go2rtc\'s word for asking a STUN server: write webrtc.stun-server = "stun:HOST:PORT"')
  const url = /^[a-z]+:\/*(?=.*[^:\d])([^/]+)/i.exec(text)
  if (text.includes('/') && url !== null) throw new Error(`is a URL: write "${url[1]}"`)
  const { host, port } = split(text)
  if (isIP(host) === 0) checkName(host)
  else checkAddress(host)
  return { host: host.toLowerCase(), port }
}

/** RFC 3986 section 3.2.2: an IPv6 address with a port is in brackets. */
function split(text: string): Announced {
  if (isIP(text) !== 0) return { host: text, port: undefined }
  const match = /^(\[[\da-f:.%\w]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(text)
  if (match === null) throw new Error(`is not an address, a name or one with a port: ${EXAMPLES}`)
  const host = match[1]!.replace(/^\[(.*)\]$/, '$1')
  if (match[1] !== host && isIP(host) !== 6) throw new Error('has no IPv6 address in its brackets')
  const port = match[2] === undefined ? undefined : Number(match[2])
  if (port !== undefined && (port < 1 || port > 65535))
    throw new Error(`has port ${port}: ports go from 1 to 65535`)
  return { host, port }
}

function checkAddress(address: string): void {
  if (/^fe[89ab]|%/i.test(address))
    throw new Error(
      'is link-local: delete it, because the server offers it by itself to a browser that opened the page at it',
    )
  if (address === '0.0.0.0' || address === '::' || /^(?:22[4-9]|2[3-5]\d)\.|^ff/i.test(address))
    throw new Error(`is not an address that a browser can reach: ${EXAMPLES}`)
}

/** RFC 1123 section 2.1, without names that DNS does not have. */
function checkName(name: string): void {
  const bare = name.toLowerCase().replace(/\.$/, '')
  if (/[^\x20-\x7e]/.test(name))
    throw new Error('has letters beyond ASCII: write its form that begins with xn--')
  if (bare === 'localhost' || bare.endsWith('.localhost'))
    throw new Error(`is this machine only, and no browser elsewhere can reach it: ${EXAMPLES}`)
  if (bare.endsWith('.local'))
    throw new Error(
      'is a name of this network only: delete it, because the addresses that it has are offered anyway',
    )
  const isName =
    name.length <= 253 &&
    bare.split('.').every((label) => /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d])?$/.test(label)) &&
    !/^[\d.]+$/.test(bare)
  if (!isName) throw new Error(`is neither an IP address nor a host name: ${EXAMPLES}`)
}
