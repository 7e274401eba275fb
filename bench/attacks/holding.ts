import {
  openRaw,
  openRawWebSocket,
  type RawConnection,
  type RawWebSocket,
} from '../../test/support/raw-client.js'
import { count, loops, type Field } from './attack.js'

/** A closed connection is opened again after this time. */
const REOPEN_MS = 1000

/** Keeps connections open. Each calls `send` and waits until it is closed. */
export async function holdConnections(
  field: Field,
  connections: number,
  send: (connection: RawConnection) => void,
): Promise<void> {
  await loops(field, connections, REOPEN_MS, async () => {
    field.tally.connections++
    const connection = await openRaw(field.webPort, field.from)
    await hold(field, connection, send)
    count(field, outcomeOf(field, /^HTTP\/1\.1 (\d+)/.exec(connection.heard())?.[1] ?? 'closed'))
  })
}

/** The same with WebSockets of camera1. */
export async function holdWebSockets(
  field: Field,
  connections: number,
  send: (socket: RawWebSocket) => void,
): Promise<void> {
  await loops(field, connections, REOPEN_MS, async () => {
    field.tally.connections++
    const socket = await openRawWebSocket(field.webPort, '/camera1/ws', field.from)
    count(field, `upgrade ${socket.status}`)
    if (socket.status !== 101) return void socket.socket.destroy()
    await hold(field, socket, send)
    count(field, outcomeOf(field, 'closed'))
  })
}

/** The end of the attack closes connections that the server kept. */
const outcomeOf = ({ signal }: Field, otherwise: string): string =>
  signal.aborted ? 'held to the end' : otherwise

async function hold<C extends RawConnection>(
  field: Field,
  connection: C,
  send: (connection: C) => void,
): Promise<void> {
  const stop = (): void => void connection.socket.destroy()
  if (field.signal.aborted) stop()
  field.signal.addEventListener('abort', stop, { once: true })
  send(connection)
  await connection.closed
  field.signal.removeEventListener('abort', stop)
  field.tally.bytesSent += connection.socket.bytesWritten
}
