import type { Socket } from 'node:net'
import { nestedJson } from '../../../bench/attacks/nested.js'
import { clientFrame, handshake, openRaw } from '../../support/raw-client.js'
import { chrome } from '../../support/viewer-offers.js'
import type { Random } from './random.js'
import { inBatches, type EntryPoint } from './entry-point.js'
import type { Unit } from './meter.js'
import { filledText, mutateBytes, mutateText } from './mutate.js'
import { judge } from './offers.js'
import type { Target } from './target.js'

const AT_ONCE = 16
/** Who hangs up does so after this; who waits does not wait for ever. */
const HANGS_UP_MS = 10
const PATIENCE_MS = 1500
/** A second answer comes within this after the first. */
const FOLLOWS_MS = 300
/** A ping that was not lost in a frame before it is answered when all of them have been read. */
const PING = 9
const PING_TEXT = 'end of the frames'
const PONG = new RegExp(PING_TEXT)

/** Sends bytes over a connection of their own. @returns what came back until it was closed or nothing more came. */
async function exchange(port: number, parts: Buffer[], hangsUp: boolean): Promise<string> {
  const connection = await openRaw(port)
  const { socket, closed } = connection
  for (const part of parts) connection.send(part)
  if (!hangsUp) socket.end() // says that there is no more to wait for
  await quiet(socket, closed, hangsUp ? HANGS_UP_MS : PATIENCE_MS)
  socket.destroy()
  return connection.heard()
}

/**
 * Opens a WebSocket, or what is meant to be one, and sends frames when there is an answer. It does not say before that there is
 * no more to come: a server may take that for the end.
 * @returns what came back.
 */
export async function openAndSpeak(
  port: number,
  opening: Buffer | string,
  { frames = [], hangsUp = false, from }: { frames?: Buffer[]; hangsUp?: boolean; from?: string } = {},
): Promise<string> {
  const connection = await openRaw(port, from)
  const { socket, closed } = connection
  connection.send(opening)
  await Promise.race([connection.hears(/\r\n\r\n/), quiet(socket, closed, PATIENCE_MS)])
  for (const each of frames) connection.send(each)
  if (frames.length > 0) connection.send(clientFrame(PING_TEXT, { opcode: PING }))
  const patienceMs = hangsUp ? HANGS_UP_MS : frames.length > 0 ? PATIENCE_MS : FOLLOWS_MS
  await Promise.race([
    quiet(socket, closed, patienceMs),
    ...(frames.length > 0 ? [connection.hears(PONG)] : []),
  ])
  socket.destroy()
  return connection.heard()
}

/** Resolves when nothing has been sent or heard for so long. */
async function quiet(socket: Socket, closed: Promise<void>, ms: number): Promise<void> {
  await Promise.race([closed, new Promise<void>((resolve) => void socket.setTimeout(ms, resolve))])
}

export const UPGRADED = /HTTP\/1\.1 101 /

export const METHODS = [
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
    '/camera1/snapshot.jpg?size=full',
  ],
  ...['', '/save', '/save/x'].map((rest) => `/api/cameras/camera1/controls${rest}`),
  ...['', '/preview', '/undo'].map((rest) => `/api/settings${rest}`),
  ...['devices', 'doctor', 'log', 'log?after=1e9', 'log?after=-1&after=%00', 'restart'].map(
    (name) => `/api/${name}`,
  ),
  '/owner',
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
  'X-Forwarded-For: 203.0.113.9, 10.0.0.2',
  'X-Forwarded-For: unknown, [2001:db8::1]:80, 127.0.0.1:x',
  'Forwarded: for="[2001:db8::1]:4711";proto=https;host="home.example", for=10.0.0.2',
  'Forwarded: for="_open, for=192.0.2.1;;=;for',
  'X-Forwarded-Proto: https, http',
  'X-Forwarded-Host: 192.168.1.5',
  'X-Forwarded-Host: [::1, a',
  'X-Forwarded-Prefix: /cams',
  'X-Forwarded-Prefix: //evil.example/;Domain=x',
  'X-Ingress-Path: /camera1',
  'Tab-Id: a-secret-of-144-bits_24-',
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
/** Addresses among them become candidates. */
const HOSTS = [
  'a',
  '203.0.113.7:99999',
  '[2001:db8::7]:48189',
  '[::ffff:203.0.113.7]',
  '[fe80::1%25eth0]',
  '0.0.0.0',
  '255.255.255.255',
  '[ff02::1]',
  '1.2.3.4 9 typ host',
  `${'1.'.repeat(7000)}1`,
]
const FRAGMENT =
  'a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\na=end-of-candidates\r\n'
const BODIES = [
  '',
  '{',
  '{"type":"request"}',
  '{"type":"remote_candidate","id":"x","candidates":[{"candidate":""}]}',
  '{"brightness":0.5,"af-mode":null}',
  '{"__proto__":1,"zoom":[0,0,1e999,1]}',
  '{"camera":"camera1","values":{"width":33,"name":"a\\"]\\n[server]","fps":"5-","codec":null}}',
  '{"camera":"__proto__","values":{"constructor":1,"device":"test:ball"},"preview":"x"}',
  `{"camera":"camera1","values":{"overlay":${JSON.stringify('%'.repeat(900))},"bitrate":1e400}}`,
  '{"add":"/dev/../etc/passwd","preview":""}',
  `{${Array.from({ length: 101 }, (_, i) => `"a${i}":${i}`).join(',')}}`,
  chrome,
  FRAGMENT,
  '5\r\nabcde\r\n0\r\n\r\n',
  'ffffffffff\r\n',
  '-1\r\nx\r\n',
  '0\r\nX: y\r\n\r\n',
  '5;a=b\r\nabcdef',
]
/** What one body and the headers of one request may have at most, unless another limit is set. */
const [MOST_BODY_BYTES, MOST_FRAGMENT_BYTES, MOST_HEADER_BYTES] = [128 * 1024, 64 * 1024, 15_000]
const LONG_HEADERS = [
  `Cookie: ${'a=b; '.repeat(MOST_HEADER_BYTES / 5)}`,
  `Cookie: rpi-webrtc-8080=${'.'.repeat(MOST_HEADER_BYTES)}`,
  `If-Match: ${'"x",'.repeat(MOST_HEADER_BYTES / 4)}`,
  `Authorization: Basic ${'A'.repeat(MOST_HEADER_BYTES)}`,
  `Authorization: Bearer ${'a='.repeat(MOST_HEADER_BYTES / 2)}`,
  `Origin: http://${'a.'.repeat(MOST_HEADER_BYTES / 2)}`,
  `Accept: ${'text/html,'.repeat(MOST_HEADER_BYTES / 10)}`,
  `Content-Type: application/sdp${'; a=b'.repeat(MOST_HEADER_BYTES / 5)}`,
  `X-Forwarded-For: ${'10.0.0.2,'.repeat(MOST_HEADER_BYTES / 9)}`,
  `X-Forwarded-Host: ${'a.'.repeat(MOST_HEADER_BYTES / 2)}`,
  `X-Forwarded-Host: ${'xn--4ca,'.repeat(MOST_HEADER_BYTES / 8)}`,
  `X-Forwarded-Prefix: ${'/a'.repeat(MOST_HEADER_BYTES / 2)}`,
  `Forwarded: ${'for="'.repeat(MOST_HEADER_BYTES / 5)}`,
  `Forwarded: for="${'\\\\'.repeat(MOST_HEADER_BYTES / 2 - 10)}"`,
]

function longBody(random: Random): string {
  switch (random.below(3)) {
    case 0:
      return filledText(FRAGMENT, MOST_FRAGMENT_BYTES, random)
    case 1:
      return nestedJson(MOST_BODY_BYTES)
    default:
      return `{"type":"remote_candidate","id":"x","candidates":[${'{"candidate":""},'.repeat(7000)}{}]}`
  }
}

function request(random: Random, session: string): Buffer[] {
  const text = random.happens(0.05) ? longBody(random) : random.of(BODIES)
  const body = Buffer.from(random.happens(0.3) ? mutateText(text, random) : text)
  const headers = Array.from({ length: random.below(8) }, () => random.of(HEADERS))
  const path = random.happens(0.25) ? session : random.of(PATHS)
  if (random.happens(0.2)) headers.push(random.of(BROKEN_HEADERS))
  if (random.happens(0.05)) headers.push(random.of(LONG_HEADERS))
  if (random.happens(0.9)) headers.push(random.happens(0.8) ? 'Host: 127.0.0.1' : `Host: ${random.of(HOSTS)}`)
  if (random.happens(0.9))
    headers.push(random.happens(0.8) ? `Content-Length: ${body.length}` : 'Transfer-Encoding: chunked')
  const version = random.happens(0.9) ? '1.1' : random.of(['1.0', '1.9', '2.0', 'x'])
  const head = `${random.of(METHODS)} ${path} HTTP/${version}\r\n`
  const whole = Buffer.concat([
    Buffer.from(`${head}${headers.map((header) => `${header}\r\n`).join('')}\r\n`),
    body,
  ])
  if (random.happens(0.05)) return [random.bytes(1 + random.below(400))]
  const sent = random.happens(0.2) ? mutateBytes(whole, random) : whole
  const cut = random.below(sent.length + 1)
  return random.happens(0.3) ? [sent.subarray(0, cut), sent.subarray(cut)] : [sent]
}

export const http: EntryPoint = {
  name: 'http',
  about:
    'methods, paths, headers, bodies, PATCH fragments, chunks and bare bytes, on web-port and on webrtc-port',
  attack: async (target, random, inputs) => {
    const { webPort, webrtcPorts } = target.program
    const { leave, path } = await sessionOf(target)
    const ports = [webPort, webPort, webPort, webrtcPorts[0]!]
    await inBatches(target, inputs, AT_ONCE, (): Unit => {
      const port = random.of(ports)
      const parts = request(random, path)
      const hangsUp = random.happens(0.1)
      const whole = Buffer.concat(parts)
      return {
        entry: port === webPort ? 'web-port' : 'webrtc-port',
        inputs: 1,
        bytes: whole.length,
        about: () => whole.toString('latin1'),
        send: async () => {
          const heard = await exchange(port, parts, hangsUp)
          judge(target, Number(/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1] ?? 200), whole.toString('latin1'))
        },
      }
    })
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
  return { leave, path: new URL(response.headers.get('location')!, response.url).pathname }
}

const MESSAGES = [
  JSON.stringify({ offer: { type: 'offer', sdp: chrome } }),
  JSON.stringify({ iceCandidate: { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0' } }),
  JSON.stringify({ time: { clientMs: 1 } }),
  JSON.stringify({ offer: { type: 'offer', sdp: chrome }, tab: 'a-secret-of-144-bits_24-' }),
  JSON.stringify({ pageLeft: true }),
  JSON.stringify({
    connecting: {
      host: 1,
      srflx: 1,
      relay: 0,
      pairs: 9,
      requestsSent: 40,
      responsesReceived: 0,
      requestsReceived: 0,
      dtls: 'new',
      packetsReceived: 0,
      bytesReceived: 0,
      packetsLost: 0,
      framesDecoded: 0,
    },
  }),
  JSON.stringify({ mse: {} }),
  JSON.stringify({ mse: null }),
  JSON.stringify({ type: 'mse', value: 'avc1.640029,mp4a.40.2' }),
  JSON.stringify({ type: 'webrtc/offer', value: chrome }),
  JSON.stringify({ type: 'webrtc/candidate', value: 'candidate:1 1 udp 1 127.0.0.1 9 typ host' }),
  '{"__proto__":{"offer":1}}',
  '[[[['.repeat(5000),
  '{"time":{"clientMs":1e999}}',
]

/** Of the longest messages that are, or were, taken. */
const MESSAGE_BYTES = [64, 128, 512].map((kilobytes) => kilobytes * 1024)

/** RFC 6455 section 5.2, right or wrong. */
export function frame(random: Random): Buffer {
  const text = Buffer.from(random.of(MESSAGES))
  const payload = random.happens(0.5) ? mutateBytes(text, random) : text
  const isRight = random.happens(0.85)
  const opcode = isRight ? random.of([1, 1, 1, 1, 1, 1, 2, 2, 9, 10, 0, 8]) : random.below(16)
  const flags = isRight ? (random.happens(0.9) ? 0x80 : 0) : random.below(16) << 4
  const mask = random.bytes(4)
  const masked = payload.map((byte, i) => byte ^ mask[i % 4]!)
  const length = isRight ? payload.length : random.of([0, 125, 126, 127, 0xffff, payload.length])
  const head = length < 126 ? Buffer.alloc(2) : length < 0x10000 ? Buffer.alloc(4) : Buffer.alloc(10)
  head[0] = flags | opcode
  head[1] =
    (isRight || random.happens(0.7) ? 0x80 : 0) | (length < 126 ? length : length < 0x10000 ? 126 : 127)
  if (head.length === 4) head.writeUInt16BE(length, 2)
  if (head.length === 10) head.writeBigUInt64BE(random.happens(0.2) ? 2n ** 63n : BigInt(length), 2)
  return Buffer.concat([head, mask, masked])
}

/** Of one connection. */
const FRAMES = 4

export const websocket: EntryPoint = {
  name: 'websocket',
  about: 'text, binary, fragmented, broken and oversized frames, on web-port and on webrtc-port',
  attack: async (target, random, inputs) => {
    const { webPort, webrtcPorts } = target.program
    const endpoints = [
      [webPort, '/camera1/ws'],
      [webPort, '/api/ws?src=camera1'],
      [webrtcPorts[0]!, '/'],
      [webrtcPorts[1]!, '/any'],
    ] as const
    let opened = 0
    await inBatches(target, Math.ceil(inputs / FRAMES), AT_ONCE, (): Unit => {
      const frames = Array.from({ length: FRAMES }, () => frame(random))
      if (random.happens(0.05)) frames.unshift(clientFrame(nestedJson(random.of(MESSAGE_BYTES))))
      if (random.happens(0.1))
        frames.push(Buffer.concat([frame(random).subarray(0, 3), Buffer.alloc(600_000, 0x80)]))
      const [port, path] = random.of(endpoints)
      const hangsUp = random.happens(0.1)
      return {
        entry: port === webPort ? path : 'webrtc-port',
        inputs: FRAMES,
        bytes: frames.reduce((sum, { length }) => sum + length, 0),
        about: () => `${path} ${Buffer.concat(frames).toString('hex').slice(0, 4000)}`,
        send: async () => {
          const heard = await openAndSpeak(port, handshake(path), { frames, hangsUp })
          if (UPGRADED.test(heard)) opened++
          if (/"internal"|went wrong on the server/.test(heard))
            target.find(
              `${path} says ${heard.slice(0, 500)} to ${Buffer.concat(frames).toString('hex').slice(0, 4000)}`,
            )
        },
      }
    })
    if (opened === 0) target.find('no WebSocket was opened: nothing of this was tried')
  },
}
