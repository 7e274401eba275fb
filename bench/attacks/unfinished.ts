import { setTimeout as sleep } from 'node:timers/promises'
import { clientFrame, clientFrameHead, openRawWebSocket } from '../../test/support/raw-client.js'
import type { Attack, Field } from './attack.js'
import { holdWebSockets } from './holding.js'

const SOCKETS = 250
const SIZES = [512, 256, 128, 64, 32, 16].map((kilobytes) => kilobytes * 1024)
/** A message that is too long is refused when its length is read. */
const REFUSED_WITHIN_MS = 500

/** The longest message that is not refused as soon as its length is known. */
export async function largestMessage({ webPort, from }: Pick<Field, 'webPort' | 'from'>): Promise<number> {
  for (const size of SIZES) {
    const socket = await openRawWebSocket(webPort, '/camera1/ws', from)
    socket.send(clientFrameHead(size))
    await Promise.race([socket.closed, sleep(REFUSED_WITHIN_MS)])
    const isTaken = socket.status === 101 && !socket.isClosed()
    socket.socket.destroy()
    if (isTaken) return size
  }
  return SIZES.at(-1)!
}

/** All of a message but its last byte, between two fragments: pings can be answered, and the socket is not taken for dead. */
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
