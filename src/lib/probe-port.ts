import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Binds a port for a moment. @returns undefined if it is free, else the code of the error, such as EADDRINUSE. */
export async function probePort(
  port: number,
  protocol: 'udp' | 'tcp',
  host: string,
): Promise<string | undefined> {
  const socket =
    protocol === 'tcp'
      ? createServer().listen(port, host)
      : createSocket(host.includes(':') ? 'udp6' : 'udp4').bind(port, host)
  try {
    await once(socket, 'listening')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
  const closed = once(socket, 'close')
  socket.close()
  await closed
  return undefined
}
