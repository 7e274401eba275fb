import { createSocket } from 'node:dgram'
import { isBindingRequest } from '../../src/lib/stun.js'
import { BINDING_SUCCESS, writeStun, xorMappedAddress } from '../support/viewer-stun.js'

/** stun-server.ts ADDRESS PORT: answers binding requests with the address they come from. Prints a line when it is ready. */
const [address, port] = process.argv.slice(2) as [string, string]
const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
socket.on('message', (request, from) => {
  if (request.length < 20 || !isBindingRequest(request)) return
  const transactionId = request.subarray(8, 20)
  const attributes = [xorMappedAddress(from.address, from.port, transactionId)]
  socket.send(writeStun({ type: BINDING_SUCCESS, transactionId, attributes }), from.port, from.address)
})
socket.bind(Number(port), address, () => console.log('ready'))
