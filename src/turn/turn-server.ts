/** A TURN server with the credentials for it. */
export interface TurnServer {
  /** `turn:host:port?transport=udp`, as the configuration has it. */
  uri: string
  username: string
  password: string
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
