import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { answerLines } from './child.js'

/** udp-sinks.ts COUNT: UDP ports of 127.0.0.1. A line on stdin is answered with them and the datagrams received since the last line. */
export interface Sunk {
  ports: number[]
  packets: number
}

let packets = 0
const sockets = Array.from({ length: Number(process.argv[2]) }, () =>
  createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 }).on('message', () => packets++),
)
await Promise.all(
  sockets.map(async (socket) => {
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
  }),
)
await answerLines((): Sunk => {
  const answer = { ports: sockets.map((socket) => socket.address().port), packets }
  packets = 0
  return answer
})
