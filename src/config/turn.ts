import { isIP } from 'node:net'

/** RFC 7065 section 3: without a port, `turns` uses 5349. */
const DEFAULT_PORTS = { turn: 3478, turns: 5349 } as const

const EXAMPLE = 'write one such as "turn:turn.example.org:3478?transport=udp"'

/**
 * @returns the URI with port and transport (RFC 7065), as browsers accept it.
 * @throws Error whose message is the rest of a sentence that begins with the value.
 */
export function parseTurnServer(text: string): string {
  if (/^stuns?:/i.test(text)) throw new Error('is a STUN server: write it as webrtc.stun-server')
  const match =
    /^(turns?):(?:\/\/)?(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?)(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i.exec(
      text,
    )
  if (match === null) throw new Error(`is not a TURN server: ${EXAMPLE}`)
  const scheme = match[1]!.toLowerCase() as keyof typeof DEFAULT_PORTS
  const host = match[2]!
  const port = Number(match[3] ?? DEFAULT_PORTS[scheme])
  const transport = match[4]?.toLowerCase() ?? (scheme === 'turns' ? 'tcp' : 'udp')
  if (host.startsWith('[') && isIP(host.slice(1, -1)) !== 6)
    throw new Error('has no IPv6 address in its brackets')
  if (port < 1 || port > 65535) throw new Error(`has port ${port}: ports go from 1 to 65535`)
  return `${scheme}:${host}:${port}?transport=${transport}`
}

const MAX_CREDENTIAL_LENGTH = 256

/** A user name, password or secret of a TURN server: it has to fit a header field. Its errors do not contain it. */
export function parseTurnCredential(text: string): string {
  if (text === '') throw new Error('is empty: write the one of the TURN server, or delete the line')
  if (!/^[\x20-\x7e]+$/.test(text)) throw new Error('has characters other than those of ASCII')
  if (text.length > MAX_CREDENTIAL_LENGTH)
    throw new Error(`has ${text.length} characters: at most ${MAX_CREDENTIAL_LENGTH} are allowed`)
  return text
}
