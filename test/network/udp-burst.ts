import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { openUdpBatches } from '../../src/udp/open.js'
import { bindUdpSocket, UdpSocket } from '../../src/viewer/transport/udp-socket.js'

/**
 * udp-burst.ts ADDRESS:PORT:BYTES ...: sends bursts of datagrams of this size to every receiver, through one socket. Prints as JSON how
 * many were dropped for want of room, and whether UDP_SEGMENT is still used for each receiver.
 */
const BURSTS = 20
const BURST = 8
const PAUSE_MS = 2

const { batches } = await openUdpBatches()
let dropped = 0
await using socket = new UdpSocket(
  bindUdpSocket({ port: 0, address: '0.0.0.0', isShared: false }),
  { onDatagram: () => {}, onError: () => {}, onNoRoom: () => dropped++ },
  batches,
)
const destinations: { segments: boolean }[] = []
const make = batches.destination.bind(batches)
batches.destination = (...about) => {
  const destination = make(...about)
  destinations.push(destination)
  return destination
}
const receivers = process.argv.slice(2).map((text) => {
  const [address, port, bytes] = text.split(':') as [string, string, string]
  return { to: { address, port: Number(port) }, memory: Buffer.alloc(Number(bytes)) }
})
// Let the kernel find the neighbours first: few packets may wait for one.
const probe = createSocket('udp4')
for (const { to } of receivers) probe.send('probe', to.port, to.address)
await new Promise((resolve) => setTimeout(resolve, 200))
probe.close()
await once(probe, 'close')
for (let burst = 0; burst < BURSTS; burst++) {
  for (let i = 0; i < BURST; i++)
    for (const { to, memory } of receivers) {
      memory.writeUInt32BE(burst * BURST + i)
      socket.sendBatched(memory, to)
    }
  batches.flush()
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
}
console.log(
  JSON.stringify({ via: batches.via, dropped, segments: destinations.map(({ segments }) => segments) }),
)
