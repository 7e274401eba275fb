import type { TurnEndpoint } from './turn-server.js'

/** Why a TURN server gives no relayed address. Its message is the rest of a sentence that begins with the server. */
export class TurnError extends Error {
  override name = 'TurnError'
  /** The message without what to do. */
  readonly what: string
  /** @param advice for a server of the configuration. */
  constructor(what: string, advice?: string) {
    super(advice === undefined ? what : `${what}: ${advice}`)
    this.what = what
  }
}

const CREDENTIALS =
  'check webrtc.turn-secret, or webrtc.turn-username and webrtc.turn-password; a secret also needs the right time on both machines'

/** Of an error response (RFC 8656 section 19). */
export function refusal(code: number | undefined): TurnError {
  switch (code) {
    case 300:
      return new TurnError(
        'sends clients to another server (300)',
        'write that server into webrtc.turn-servers',
      )
    case 401:
      return new TurnError('does not accept the credentials (401)', CREDENTIALS)
    case 403:
      return new TurnError('forbids to allocate an address (403)', 'look at what it allows this user')
    case 437:
    case 438:
    case 441:
      return new TurnError(`does not accept a second request (${code})`, 'look at its log')
    case 442:
      return new TurnError('does not relay UDP (442)', 'allow it at the server')
    case 486:
      return new TurnError('has reached the quota of this user (486)', 'raise user-quota at the server')
    case 508:
      return new TurnError('has no free port to relay with (508)', 'widen min-port to max-port at the server')
    default:
      return new TurnError(
        `refuses to allocate an address (${code ?? 'an error without a code'})`,
        'look at its log',
      )
  }
}

export const silence = ({ transport }: TurnEndpoint): TurnError =>
  new TurnError(
    'does not answer',
    transport === 'udp'
      ? 'check its address and its UDP port, or write ?transport=tcp if a firewall lets no UDP out'
      : 'check its address, its port, and firewalls on the way',
  )

export const noTurn = (): TurnError =>
  new TurnError(
    'answers with something else than TURN',
    'check its port and whether it expects turn: or turns:',
  )

const CERTIFICATE_CODE = /^(?:ERR_TLS|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|HOSTNAME_MISMATCH)/
const TLS_CODE = /^(?:ERR_SSL|EPROTO)/

/** Of a socket. */
export function unreachable(error: unknown, endpoint: TurnEndpoint): TurnError {
  if (error instanceof TurnError) return error
  const { code = '' } = error as { code?: string }
  if (code === 'ECONNREFUSED') return new TurnError('refuses the connection', 'start it, and check its port')
  if (TLS_CODE.test(code))
    return new TurnError(
      `speaks no TLS on this port (${code})`,
      'check its port, or write turn: in place of turns:',
    )
  if (CERTIFICATE_CODE.test(code))
    return new TurnError(
      `has a certificate that this machine does not trust (${code})`,
      'for a certificate authority of your own, set NODE_EXTRA_CA_CERTS to its PEM file in the environment of this program',
    )
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return silence(endpoint)
  return new TurnError(`closes the connection${code === '' ? '' : ` (${code})`}`, 'look at its log')
}
