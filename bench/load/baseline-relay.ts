import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { fastUdpSend } from '../../src/viewer/transport/fast-send.js'
import { answerLines } from './child.js'

/**
 * baseline-relay.ts PORT...: forwards each datagram received on a port of 127.0.0.1 to all of these. A line on stdin is answered with
 * that port. The minimum work of any relay on Node.js.
 */
const ports = process.argv.slice(2).map(Number)
const incoming = createSocket('udp4')
const outgoing = createSocket({ type: 'udp4', lookup: (host, _options, answer) => answer(null, host, 4) })
// Before bind, which emits the event synchronously with this lookup.
const listening = Promise.all([once(incoming, 'listening'), once(outgoing, 'listening')])
for (const socket of [incoming, outgoing]) socket.bind(0, '127.0.0.1')
await listening
const sendNow = fastUdpSend(outgoing)
incoming.on('message', (datagram) => {
  for (const port of ports) sendNow(datagram, port, '127.0.0.1')
})
await answerLines(() => incoming.address().port)
