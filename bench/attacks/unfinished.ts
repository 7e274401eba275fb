import { setTimeout as sleep } from 'node:timers/promises'
import { clientFrame, clientFrameHead, openRawWebSocket } from '../../test/support/raw-client.js'
import type { Attack, Field } from './attack.js'
import { holdWebSockets } from './holding.js'

const SOCKETS = 250
const SIZES = [512, 256, 128, 64, 32, 16].map((kilobytes) => kilobytes * 1024)
/** A message that is too long is rejected when its length is parsed. */
const REJECTION_LIMIT_MS = 500

/** The longest message that is not rejected for its length. */
export async function largestMessage({ webPort, from }: Pick<Field, 'webPort' | 'from'>): Promise<number> {
  for (const size of SIZES) {
    const socket = await openRawWebSocket(webPort, '/camera1/ws', from)
    socket.send(clientFrameHead(size))
    await Promise.race([socket.closed, sleep(REJECTION_LIMIT_MS)])
    const isAccepted = socket.status === 101 && !socket.isClosed()
    socket.socket.destroy()
    if (isAccepted) return size
  }
  return SIZES.at(-1)!
}

/** All but the last byte of a message, as a complete fragment, so that pings are answered and the socket stays alive. */
export const allButTheLastByte = (size: number): Buffer =>
  clientFrame(Buffer.alloc(size - 1, 'a'), { fin: false })

export const unfinished: Attack = {
  name: 'unfinished',
  about: `${SOCKETS} WebSockets each send all but the last byte of the longest message, and wait`,
  run: async (field) => {
    const bytes = allButTheLastByte(await largestMessage(field))
    await holdWebSockets(field, SOCKETS, (socket) => socket.send(bytes))
  },
}
