import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

export const LOOPBACK = '127.0.0.1'
/** Half a second of a stalled event loop at 60 Mbit/s. The kernel limits it to net.core.rmem_max. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

export async function bindPreferred(port: number, onError: (error: Error) => void): Promise<Socket> {
  try {
    return await bind(port, onError)
  } catch {
    return await bind(0, onError)
  }
}

export async function bind(port: number, onError: (error: Error) => void): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES })
  try {
    socket.bind(port, LOOPBACK)
    await once(socket, 'listening')
  } catch (error) {
    socket.close()
    throw error
  }
  // Without a listener an ICMP error for one lost PLI would end the process.
  socket.on('error', onError)
  return socket
}

/** A port for the capture process to bind later. If another program binds it first, the capture process reports the error. */
export async function freePort(preferred: number): Promise<number> {
  const socket = await bindPreferred(preferred, () => {})
  const { port } = socket.address()
  const closed = once(socket, 'close')
  socket.close()
  await closed
  return port
}
