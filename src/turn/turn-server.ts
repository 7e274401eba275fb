/** A TURN server with the credentials for it. */
export interface TurnServer {
  /** `turn:host:port?transport=udp`, as the configuration has it. */
  uri: string
  username: string
  password: string
  /** Undefined for a server of the configuration. */
  namedBy?: TurnServerOrigin
}

/** What told us of a TURN server: nobody here has chosen it. */
export interface TurnServerOrigin {
  /** For messages. */
  host: string
  /** Whether we may connect to an address at its word. */
  mayName(address: string): boolean
}

/** Where a TURN server is, and how it is spoken to (RFC 7065). */
export interface TurnEndpoint {
  /** A name or an address. */
  host: string
  port: number
  transport: 'udp' | 'tcp' | 'tls'
}

/** @returns undefined for DTLS, which Node.js does not have. */
export function turnEndpointOf(uri: string): TurnEndpoint | undefined {
  const [, scheme, host = '', port = '', transport] =
    /^(turns?):(.*):(\d+)\?transport=(udp|tcp)$/.exec(uri) ?? []
  if (scheme === 'turns' && transport === 'udp') return undefined
  return {
    host: host.replaceAll(/^\[|\]$/g, ''),
    port: Number(port),
    transport: scheme === 'turns' ? 'tls' : transport === 'tcp' ? 'tcp' : 'udp',
  }
}
