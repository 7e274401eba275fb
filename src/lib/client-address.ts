/** The client of a request. Behind a trusted proxy this is not the peer of the connection. */
export interface Client {
  readonly address: string
  /** Whether the client uses https. */
  readonly isSecure: boolean
  /** The values of `Host` that the client sent, as the proxies name them. */
  readonly forwardedHosts: readonly string[]
  /** The path below which a proxy serves this server: `/cams`, or nothing. */
  readonly prefix: string
}

interface Environment {
  client?: Client
  incoming?: { socket: { remoteAddress?: string; encrypted?: boolean } }
}

/** From the environment that the listener passes to the routes. Its address is empty without a connection. */
export function clientOf(env: unknown): Client {
  const { client, incoming } = (env ?? {}) as Environment
  return client ?? directClient(incoming?.socket)
}

/** The peer of a connection. */
export const directClient = (
  socket: { remoteAddress?: string | undefined; encrypted?: boolean } | undefined,
): Client => ({
  address: socket?.remoteAddress ?? '',
  isSecure: socket?.encrypted === true,
  forwardedHosts: [],
  prefix: '',
})

/** The address of the client of a request. */
export const clientAddress = (env: unknown): string => clientOf(env).address
