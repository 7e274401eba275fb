/** second-address-stun.mjs ADDRESS PORT OTHER: a STUN server with a second address (RFC 5780 section 7.4). Prints a line when it is ready. */
import { createSocket } from 'node:dgram'

const [address, port, other] = process.argv.slice(2)
const COOKIE = [0x21, 0x12, 0xa4, 0x42]
const bytesOf = (/** @type {string} */ text) => text.split('.').map(Number)
const attribute = (/** @type {number} */ type, /** @type {number[]} */ value) => {
  const header = Buffer.from([type >> 8, type & 255, 0, value.length])
  return Buffer.concat([header, Buffer.from(value)])
}
const portBytes = (/** @type {number} */ value) => [value >> 8, value & 255]

for (const own of [address, other]) {
  const socket = createSocket('udp4')
  socket.on('message', (request, from) => {
    const mapped = bytesOf(from.address).map((byte, i) => byte ^ COOKIE[i])
    const attributes = Buffer.concat([
      attribute(0x0020, [0, 1, ...portBytes(from.port ^ 0x2112), ...mapped]),
      attribute(0x802c, [0, 1, ...portBytes(Number(port)), ...bytesOf(other)]),
    ])
    const header = Buffer.from([1, 1, 0, attributes.length])
    socket.send(Buffer.concat([header, request.subarray(4, 20), attributes]), from.port, from.address)
  })
  socket.bind(Number(port), own, () => own === other && console.log('ready'))
}
