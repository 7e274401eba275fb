import { handshake } from '../../support/raw-client.js'
import type { Random } from './random.js'
import { inBatches, type EntryPoint } from './entry-point.js'
import type { Unit } from './meter.js'
import { mutateText } from './mutate.js'
import { LOGIN, type Target } from './target.js'
import { METHODS, openAndSpeak, UPGRADED } from './web.js'

const AT_ONCE = 16
const OWN_PATHS = ['/camera1/ws', '/camera2/ws', '/api/ws?src=camera1', '/', '/any']
const PATHS = [
  ...OWN_PATHS,
  ...['/health', '/health?x', '/health/', '/x/../health', '/%2e/health', '//health', '/health#x', '/HEALTH'],
  ...[
    '/health%3f',
    '/health;x',
    '/camera1/../health',
    '/camera1/ws/../../health',
    '\\health',
    '/health?token=',
  ],
  ...['http://127.0.0.1/health', 'ws://127.0.0.1/health', 'http://a/camera1/ws', '*', '127.0.0.1:80'],
  ...['/metrics', '/api/config', '/api/viewers', '/app.js', '/camera1/', '/camera1/whep', '/camera1/webrtc'],
  ...[
    '/camera1/ws?token',
    '/camera1/ws?token=',
    '/camera1/ws?token[]=x',
    '/camera1/ws?token=x&token=y',
    '/%',
  ],
]
/** None of them is right, and none is `LOGIN`: where there are several, one of them would do. */
const WRONG: string[][] = [
  [],
  ['Authorization: Basic !!!!'],
  ['Authorization: Bearer'],
  ['Authorization: Bearer wrong'],
  [`Authorization: Bearer ${LOGIN.token}x`],
  [`Authorization: Digest ${LOGIN.token}`],
  [`Authorization: Basic ${Buffer.from(`${LOGIN.username}:`).toString('base64')}`],
  ['Cookie: rpi-webrtc-8080=admin.9999999999.AAAA'],
  [`Cookie: token=${LOGIN.token}`],
  [`X-Forwarded-For: 127.0.0.1`, 'X-Forwarded-Proto: https', 'Forwarded: for=127.0.0.1'],
  ['X-Original-URL: /health', 'X-HTTP-Method-Override: GET'],
]
const STRANGE = [
  'Host: localhost',
  'Host: rebound.example',
  'Host: 127.0.0.1:1',
  'Host:',
  'Origin: null',
  'Origin: http://127.0.0.1',
  'Origin: http://rebound.example',
  'Origin: file://',
  'Upgrade: WebSocket',
  'Upgrade: websocket, h2c',
  'Upgrade: h2c',
  'Connection: keep-alive, Upgrade',
  'Connection: close',
  'Sec-WebSocket-Version: 8',
  'Sec-WebSocket-Version: 12',
  'Sec-WebSocket-Key: x',
  'Sec-WebSocket-Protocol: whep',
  'Sec-WebSocket-Extensions: permessage-deflate',
  'Content-Length: 0',
  'Content-Length: 4',
  'Transfer-Encoding: chunked',
  'Expect: 100-continue',
]
/** What goes before it on the same connection: what was right for one request is not for the next. */
const PRECEDING = [
  'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${LOGIN.token}\r\n\r\n`,
]

interface Handshake {
  text: string
  isRight: boolean
}

function handshakeOf(random: Random): Handshake {
  const isRight = random.happens(0.1)
  if (isRight) return rightHandshake(random)
  const path = random.of(PATHS)
  const method = random.happens(0.8) ? 'GET' : random.of(METHODS)
  const headers = [...random.of(WRONG)]
  for (let extra = random.below(3); extra > 0; extra--) {
    const strange = random.of(STRANGE)
    if (!headers.some((header) => sameName(header, strange))) headers.push(strange)
  }
  const text = handshake(path, { method, headers })
  const preceding = random.happens(0.1) ? random.of(PRECEDING) : ''
  return { isRight, text: preceding + (random.happens(0.3) ? mutateText(text, random) : text) }
}

const sameName = (one: string, other: string): boolean => one.split(':')[0] === other.split(':')[0]

function rightHandshake(random: Random): Handshake {
  const path = random.of(OWN_PATHS)
  const basic = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')
  switch (random.below(3)) {
    case 0:
      return { isRight: true, text: handshake(path, { headers: [`Authorization: Basic ${basic}`] }) }
    case 1:
      return { isRight: true, text: handshake(path, { headers: [`Authorization: Bearer ${LOGIN.token}`] }) }
    default:
      return {
        isRight: true,
        text: handshake(`${path}${path.includes('?') ? '&' : '?'}token=${LOGIN.token}`),
      }
  }
}

/** Guesses make an address wait, the right ones included: each input has one of its own. */
export const anAddress = (random: Random): string =>
  `127.${1 + random.below(250)}.${random.below(250)}.${1 + random.below(250)}`

export const upgrade: EntryPoint = {
  name: 'upgrade',
  about: 'WebSocket handshakes, good and mutated, on every port of a program that wants credentials',
  locked: true,
  attack: async (target, random, inputs) => {
    const { webPort, webrtcPorts } = await target.locked()
    const ports: [number, string][] = [
      [webPort, 'web-port'],
      [webrtcPorts[0]!, 'webrtc-port of camera1'],
      [webrtcPorts[1]!, 'webrtc-port of camera2'],
    ]
    const admitted = new Set<number>()
    const unit = (): Unit => {
      const [port, entry] = random.of(ports)
      const { text, isRight } = handshakeOf(random)
      const from = anAddress(random)
      return {
        entry,
        inputs: 1,
        bytes: text.length,
        about: () => text,
        send: async () => {
          const isUpgraded = UPGRADED.test(await openAndSpeak(port, text, { from }))
          if (isUpgraded && isRight) admitted.add(port)
          if (isUpgraded && !isRight) target.find(`a WebSocket without credentials on the ${entry}: ${text}`)
        },
      }
    }
    await inBatches(target, inputs, AT_ONCE, unit)
    await requireAdmitted(target, ports, admitted, inputs)
  },
}

/** Where the right credentials open nothing either, the rest of it says nothing. */
async function requireAdmitted(
  target: Target,
  ports: [number, string][],
  admitted: ReadonlySet<number>,
  inputs: number,
): Promise<void> {
  for (const [port, entry] of ports) {
    if (admitted.has(port)) continue
    const headers = [`Authorization: Bearer ${LOGIN.token}`]
    const heard = await openAndSpeak(port, handshake('/camera1/ws', { headers }))
    if (!UPGRADED.test(heard))
      target.find(`the right token opens no WebSocket on the ${entry} in ${inputs} inputs: ${heard}`)
  }
}
