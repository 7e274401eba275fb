import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Whether a port is free on an address of this machine, found by taking it for a moment. */
export async function canBind(port: number, protocol: 'udp' | 'tcp', host: string): Promise<boolean> {
  const holder =
    protocol === 'tcp'
      ? createServer().listen(port, host)
      : createSocket(host.includes(':') ? 'udp6' : 'udp4').bind(port, host)
  try {
    await once(holder, 'listening')
  } catch {
    return false
  }
  const closed = once(holder, 'close')
  holder.close()
  await closed
  return true
}
