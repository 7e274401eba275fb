import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { bind } from '../http/connection/bind.js'
import { serveConnection, type RtspConnectionOptions } from './connection.js'

/** Finds a peer that has vanished while nothing is sent to it. */
const KEEP_ALIVE_MS = 30_000

export interface RtspListenerOptions extends RtspConnectionOptions {
  port: number
  address: string
  /** Of all ports. @returns a slot to dispose of, or the error when a limit is reached. */
  countConnection: (address: string) => Error | Disposable
  log: RtspConnectionOptions['log'] & { error(message: string, facts?: object): void }
}

export interface RtspListener extends AsyncDisposable {
  readonly port: number
  /** Frees the port at once; open connections continue. Resolves when the last of them has closed. */
  retire(): Promise<void>
  disconnectAll(): void
}

export const RTSP_PORT_KEY = 'rtsp.port'

/** RTSP on one TCP port. @throws Error that names the key when the port cannot be bound. */
export async function listenRtsp(options: RtspListenerOptions): Promise<RtspListener> {
  const { port, address, countConnection, log } = options
  const connections = new Set<Socket>()
  const server = createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
    (socket) => {
      const slot = countConnection(socket.remoteAddress ?? '')
      if (slot instanceof Error || socket.remoteAddress === undefined) {
        socket.on('error', () => {}).destroy()
        if (!(slot instanceof Error)) slot[Symbol.dispose]()
        return
      }
      connections.add(socket)
      socket.once('close', () => {
        connections.delete(socket)
        slot[Symbol.dispose]()
      })
      serveConnection(socket, options)
    },
  )
  await bind(server, { port, address, configKey: RTSP_PORT_KEY })
  server.on('error', (error) => log.error('the RTSP port reports an error', { error: String(error) }))
  const closed = once(server, 'close')
  const disconnectAll = (): void => {
    for (const socket of connections) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    retire: async () => {
      server.close()
      await closed
    },
    disconnectAll,
    async [Symbol.asyncDispose]() {
      server.close()
      disconnectAll()
      await closed
    },
  }
}
