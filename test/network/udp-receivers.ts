import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** udp-receivers.ts ADDRESS COUNT: prints the ports of its sockets as JSON; then, for every line on stdin, what each has received. */
const [address, count] = process.argv.slice(2) as [string, string]
const sockets = await Promise.all(
  Array.from({ length: Number(count) }, async () => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
    const got: [number: number, bytes: number][] = []
    socket.on('message', (datagram) => {
      if (datagram.length > 5) got.push([datagram.readUInt32BE(), datagram.length])
    })
    socket.bind(0, address)
    await once(socket, 'listening')
    return { port: socket.address().port, got }
  }),
)
console.log(JSON.stringify(sockets.map(({ port }) => port)))
process.stdin.on('data', () => console.log(JSON.stringify(sockets.map(({ got }) => got))))
