import { clientFrame, openRawWebSocket, type RawWebSocket } from '../../test/support/raw-client.js'
import { count, loops, pause, type Attack, type Field } from './attack.js'
import { openPoster } from './posting.js'

const KILOBYTE = 1024
/** Minimum time between messages that are sent as fast as they are answered. */
const MIN_INTERVAL_MS = 10
const IN_FLIGHT = 2
const BODY_CONNECTIONS = 4

/** Nested arrays without closing brackets. Closed ones cost less: half as many fit, and there is no error to report. */
export const nestedJson = (bytes: number): string => `{"offer":${'['.repeat(bytes - 9)}`

/** Keeps one WebSocket open. `talk` sends, and returns when the WebSocket is closed. */
async function talkOn(
  field: Field,
  talk: (socket: RawWebSocket, answered: () => Promise<void>) => Promise<void>,
): Promise<void> {
  await loops(field, 1, 200, async () => {
    field.tally.connections++
    const socket = await openRawWebSocket(field.webPort, '/camera1/ws', field.from)
    count(field, `upgrade ${socket.status}`)
    const stop = (): void => void socket.socket.destroy()
    field.signal.addEventListener('abort', stop, { once: true })
    let wake = (): void => {}
    let answers = 0
    socket.onMessage = (text) => {
      if (text.startsWith('{"camera"')) return
      answers++
      count(field, 'answered')
      wake()
    }
    void socket.closed.then(() => wake())
    const answered = async (): Promise<void> => {
      while (answers === 0 && !socket.isClosed()) await new Promise<void>((resolve) => (wake = resolve))
      answers--
    }
    if (socket.status === 101) await talk(socket, answered)
    if (!field.signal.aborted && socket.isClosed()) count(field, 'closed')
    stop()
    field.signal.removeEventListener('abort', stop)
    field.tally.bytesSent += socket.socket.bytesWritten
  })
}

export const nested: Attack = {
  name: 'nested',
  about: 'one WebSocket sends nine messages of 512 kB of nested arrays in a second',
  run: async (field) => {
    const message = clientFrame(nestedJson(512 * KILOBYTE))
    await talkOn(field, async (socket) => {
      while (!socket.isClosed() && !field.signal.aborted) {
        socket.send(message)
        await pause(field, 1000 / 9)
      }
    })
  },
}

export const nestedShort: Attack = {
  name: 'nested-128k',
  about: 'one WebSocket sends messages of 128 kB of nested arrays, as fast as they are answered',
  run: async (field) => {
    const message = clientFrame(nestedJson(128 * KILOBYTE))
    await talkOn(field, async (socket, answered) => {
      for (let i = 0; i < IN_FLIGHT - 1; i++) socket.send(message)
      while (!socket.isClosed() && !field.signal.aborted) {
        socket.send(message)
        await Promise.all([answered(), pause(field, MIN_INTERVAL_MS)])
      }
    })
  },
}

export const nestedBodies: Attack = {
  name: 'nested-bodies',
  about: `${BODY_CONNECTIONS} connections post bodies of 128 kB of nested arrays to /webrtc and /api/webrtc, as fast as they are answered`,
  run: async (field) => {
    const posters = Array.from({ length: BODY_CONNECTIONS }, () => openPoster(field))
    const body = nestedJson(128 * KILOBYTE)
    await loops(field, BODY_CONNECTIONS, MIN_INTERVAL_MS, async (index) => {
      const path = index % 2 === 0 ? '/webrtc' : '/api/webrtc?src=camera1'
      await posters[index]!.post(path, 'application/json', body)
    })
  },
}
