/** The address of the client of a request, from the environment that @hono/node-server passes; empty without a connection. */
export const clientAddress = (env: unknown): string =>
  (env as { incoming?: { socket: { remoteAddress?: string } } } | undefined)?.incoming?.socket
    .remoteAddress ?? ''
