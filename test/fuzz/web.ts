import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { chrome } from '../helpers/viewer-offers.js'
import type { Chance } from './chance.js'
import { inBatches, type Door } from './door.js'
import { mutateBytes, mutateText } from './mutate.js'
import { judge } from './offers.js'
import type { Target } from './target.js'

const AT_ONCE = 16
/** Who hangs up does so after this; who waits does not wait for ever. */
const HANGS_UP_MS = 10
const PATIENCE_MS = 1500

/** Sends bytes over a connection of their own. @returns what came back until it was closed or nothing more came. */
async function exchange(port: number, parts: Buffer[], hangsUp: boolean): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  let heard = ''
  await new Promise<void>((resolve) => {
    socket.setTimeout(hangsUp ? HANGS_UP_MS : PATIENCE_MS, resolve)
    socket.on('data', (piece: Buffer) => (heard += piece.toString('latin1')))
    socket.on('error', () => resolve())
    socket.on('close', () => resolve())
    socket.on('connect', () => {
      for (const part of parts) socket.write(part)
      if (!hangsUp) socket.end() // says that there is no more to wait for
    })
  })
  socket.destroy()
  return heard
}

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'PROPFIND',
  'get',
  'X'.repeat(40),
]
const PATHS = [
  ...[
    '/',
    '/camera1/',
    '/camera9/',
    '/camera1/whep',
    '/camera1/whep/x',
    '/camera1/ws',
    '/webrtc',
    '/camera1/webrtc',
  ],
  ...[
    '/api/config',
    '/api/webrtc?src=camera1',
    '/api/ws?src=camera1',
    '/health',
    '/metrics',
    '/app.js',
    '/..%2f..%2fetc/passwd',
  ],
  ...[
    '/camera1/snapshot.jpg',
    '/camera1/snapshot.jpg?max_delay=x',
    '/camera1/stream.mjpg',
    '/?action=stream',
    '/?action=snapshot',
  ],
  ...[
    '//',
    '/%',
    '/%ff',
    '/%00',
    '*',
    'http://a/',
    '/camera1/whep/%2e%2e/%',
    `/${'a/'.repeat(500)}`,
    '/?src='.repeat(100),
  ],
]
const HEADERS = [
  'Content-Type: application/sdp',
  'Content-Type: application/json',
  'Content-Type: application/trickle-ice-sdpfrag',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Extensions: permessage-deflate; x="',
  'Origin: null',
  'Origin: http://[',
  'Authorization: Basic !!!!',
  'Authorization: Bearer',
  'Cookie: rpi-webrtc-8080=%; =;;;',
  'If-Match: "x", W/"',
  'Access-Control-Request-Method: POST',
  'Range: bytes=-1-',
  'Expect: 100-continue',
  'Accept: text/html',
]
const BROKEN_HEADERS = [
  'Host: [::1',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  ': empty',
  'X-A: \u0001',
]
const FRAGMENT =
  'a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\na=end-of-candidates\r\n'
const BODIES = [
  '',
  '{',
  '{"type":"request"}',
  '{"type":"remote_candidate","id":"x","candidates":[{"candidate":""}]}',
  chrome,
  FRAGMENT,
  '5\r\nabcde\r\n0\r\n\r\n',
  'ffffffffff\r\n',
  '-1\r\nx\r\n',
  '0\r\nX: y\r\n\r\n',
  '5;a=b\r\nabcdef',
]

function request(chance: Chance, session: string): Buffer[] {
  const body = Buffer.from(chance.happens(0.3) ? mutateText(chance.of(BODIES), chance) : chance.of(BODIES))
  const headers = Array.from({ length: chance.below(8) }, () => chance.of(HEADERS))
  const path = chance.happens(0.25) ? session : chance.of(PATHS)
  if (chance.happens(0.2)) headers.push(chance.of(BROKEN_HEADERS))
  if (chance.happens(0.9)) headers.push('Host: a')
  if (chance.happens(0.9))
    headers.push(chance.happens(0.8) ? `Content-Length: ${body.length}` : 'Transfer-Encoding: chunked')
  const version = chance.happens(0.9) ? '1.1' : chance.of(['1.0', '1.9', '2.0', 'x'])
  const head = `${chance.of(METHODS)} ${path} HTTP/${version}\r\n`
  const whole = Buffer.concat([
    Buffer.from(`${head}${headers.map((header) => `${header}\r\n`).join('')}\r\n`),
    body,
  ])
  if (chance.happens(0.05)) return [chance.bytes(1 + chance.below(400))]
  const sent = chance.happens(0.2) ? mutateBytes(whole, chance) : whole
  const cut = chance.below(sent.length + 1)
  return chance.happens(0.3) ? [sent.subarray(0, cut), sent.subarray(cut)] : [sent]
}

export const http: Door = {
  name: 'http',
  about:
    'methods, paths, headers, bodies, PATCH fragments, chunks and bare bytes, on web-port and on webrtc-port',
  attack: async (target, chance, inputs) => {
    const { webPort, webrtcPorts } = target.program
    const { leave, path } = await sessionOf(target)
    const ports = [webPort, webPort, webPort, webrtcPorts[0]!]
    await inBatches(
      inputs,
      AT_ONCE,
      () => ({ port: chance.of(ports), parts: request(chance, path), hangsUp: chance.happens(0.1) }),
      async ({ port, parts, hangsUp }) => {
        const status = Number(/^HTTP\/1\.1 (\d+)/.exec(await exchange(port, parts, hangsUp))?.[1] ?? 200)
        judge(target, status, Buffer.concat(parts).toString('latin1'))
      },
    )
    await leave()
  },
}

/** A session to patch; what is sent to it may end it. */
async function sessionOf(target: Target): Promise<{ leave: () => Promise<void>; path: string }> {
  const { client, leave } = await target.admit()
  const response = await fetch(`${target.program.url}/camera1/whep`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: client.offer('vp8'),
  })
  await response.text()
  return { leave, path: response.headers.get('location')! }
}

const MESSAGES = [
  JSON.stringify({ offer: { type: 'offer', sdp: chrome } }),
  JSON.stringify({ iceCandidate: { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0' } }),
  JSON.stringify({ time: { clientMs: 1 } }),
  JSON.stringify({ type: 'webrtc/offer', value: chrome }),
  JSON.stringify({ type: 'webrtc/candidate', value: 'candidate:1 1 udp 1 127.0.0.1 9 typ host' }),
  '{"__proto__":{"offer":1}}',
  '[[[['.repeat(5000),
  '{"time":{"clientMs":1e999}}',
]

const opening = (path: string): Buffer =>
  Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  )

/** RFC 6455 section 5.2, right or wrong. */
function frame(chance: Chance): Buffer {
  const text = Buffer.from(chance.of(MESSAGES))
  const payload = chance.happens(0.5) ? mutateBytes(text, chance) : text
  const isRight = chance.happens(0.85)
  const opcode = isRight ? chance.of([1, 1, 1, 1, 1, 1, 2, 2, 9, 10, 0, 8]) : chance.below(16)
  const flags = isRight ? (chance.happens(0.9) ? 0x80 : 0) : chance.below(16) << 4
  const mask = chance.bytes(4)
  const masked = payload.map((byte, i) => byte ^ mask[i % 4]!)
  const length = isRight ? payload.length : chance.of([0, 125, 126, 127, 0xffff, payload.length])
  const head = length < 126 ? Buffer.alloc(2) : length < 0x10000 ? Buffer.alloc(4) : Buffer.alloc(10)
  head[0] = flags | opcode
  head[1] =
    (isRight || chance.happens(0.7) ? 0x80 : 0) | (length < 126 ? length : length < 0x10000 ? 126 : 127)
  if (head.length === 4) head.writeUInt16BE(length, 2)
  if (head.length === 10) head.writeBigUInt64BE(chance.happens(0.2) ? 2n ** 63n : BigInt(length), 2)
  return Buffer.concat([head, mask, masked])
}

export const websocket: Door = {
  name: 'websocket',
  about: 'text, binary, fragmented, broken and oversized frames, on web-port and on webrtc-port',
  attack: async (target, chance, inputs) => {
    const { webPort, webrtcPorts } = target.program
    const doors = [
      [webPort, '/camera1/ws'],
      [webPort, '/api/ws?src=camera1'],
      [webrtcPorts[0]!, '/'],
      [webrtcPorts[1]!, '/any'],
    ] as const
    const FRAMES = 4
    await inBatches(
      Math.ceil(inputs / FRAMES),
      AT_ONCE,
      () => {
        const frames = Array.from({ length: FRAMES }, () => frame(chance))
        if (chance.happens(0.1))
          frames.push(Buffer.concat([frame(chance).subarray(0, 3), Buffer.alloc(600_000, 0x80)]))
        return { door: chance.of(doors), frames, hangsUp: chance.happens(0.1) }
      },
      async ({ door: [port, path], frames, hangsUp }) => {
        const heard = await exchange(port, [opening(path), ...frames], hangsUp)
        if (/"internal"|went wrong on the server/.test(heard))
          target.find(
            `${path} says ${heard.slice(0, 500)} to ${Buffer.concat(frames).toString('hex').slice(0, 4000)}`,
          )
      },
    )
  },
}
