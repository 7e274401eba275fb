import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Why a port of this machine cannot be had, found by taking it for a moment: the code of Node's error, such as
 * EADDRINUSE; undefined where it can.
 */
export async function probePort(
  port: number,
  protocol: 'udp' | 'tcp',
  host: string,
): Promise<string | undefined> {
  const holder =
    protocol === 'tcp'
      ? createServer().listen(port, host)
      : createSocket(host.includes(':') ? 'udp6' : 'udp4').bind(port, host)
  try {
    await once(holder, 'listening')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
  const closed = once(holder, 'close')
  holder.close()
  await closed
  return undefined
}
