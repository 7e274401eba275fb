import { clientFrame } from '../../test/support/raw-client.js'
import type { Attack } from './attack.js'
import { holdWebSockets } from './holding.js'

const SOCKETS = 240
/** `ws` accepts 16,384 fragments per message by default. */
const FRAGMENTS = 16_000

/** An unfinished message of fragments of one byte, 7 bytes each on the wire. */
export const tinyFragments = (fragments = FRAGMENTS): Buffer =>
  Buffer.concat([
    clientFrame('"', { fin: false }),
    ...Array<Buffer>(fragments - 1).fill(clientFrame('a', { opcode: 0, fin: false })),
  ])

export const fragments: Attack = {
  name: 'fragments',
  about: `${SOCKETS} WebSockets each send ${FRAGMENTS} fragments of one byte, of a message without an end`,
  run: async (field) => {
    const bytes = tinyFragments()
    await holdWebSockets(field, SOCKETS, (socket) => socket.send(bytes))
  },
}
