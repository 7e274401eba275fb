import { createSocket } from 'node:dgram'
import { openRaw, type RawConnection } from '../../support/raw-client.js'
import { isUnbroken, RtspTestClient } from '../../support/rtsp-client.js'
import { inBatches, type EntryPoint } from './entry-point.js'
import type { Unit } from './meter.js'
import { filledText, mutateBytes, mutateText } from './mutate.js'
import type { Random } from './random.js'
import { LOGIN, within, type Target } from './target.js'
import { anAddress } from './upgrade.js'

const AT_ONCE = 16
const PATIENCE_MS = 400
const PACKETS_LIMIT_MS = 10_000
/** Of the honest reader, from one batch to the next. */
const PACKETS_ENOUGH = 6

const METHODS = [
  ...['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY', 'PAUSE', 'TEARDOWN', 'GET_PARAMETER', 'SET_PARAMETER'],
  ...['ANNOUNCE', 'RECORD', 'REDIRECT', 'GET', 'POST', 'X_', 'A'.repeat(40)],
]
const PATHS = [
  ...['/camera1', '/camera1/', '/camera1/trackID=0', '/camera1?token=x', '/camera2', '/camera9'],
  ...['', '/', '//', '/../etc', '/%00', `/${'a'.repeat(3000)}`, `/camera1?${'token=&'.repeat(300)}`],
]
const TRANSPORTS = [
  ...['RTP/AVP/TCP;unicast;interleaved=0-1', 'RTP/AVP/TCP', 'RTP/AVP/TCP;interleaved=254-255'],
  'RTP/AVP;multicast;destination=224.0.0.1;port=5000-5001;ttl=255',
  'RTP/AVP;unicast;destination=192.0.2.1;client_port=9-10',
  'RTP/AVP;unicast;client_port=65535-65536',
  `RTP/AVP;${'unicast;'.repeat(900)}client_port=5000-5001`,
  'RTP/AVP;unicast;client_port=5000-5001,'.repeat(100),
  'RTP/AVP/TCP;interleaved=0-0;mode=record',
  ';'.repeat(4000),
  '='.repeat(4000),
]
const HEADERS = [
  'Session: 0123456789abcdef',
  `Session: ${';'.repeat(4000)}`,
  'Require: x',
  'Accept: application/sdp',
  `Accept: ${'application/'.repeat(600)}`,
  'Range: npt=now-',
  'Content-Length: 5',
  'Content-Length: 99999999999999999999',
  'Content-Length: -1',
  'Authorization: Basic !!!!',
  `Authorization: Basic ${'A'.repeat(6000)}`,
  `Authorization: Digest ${'a='.repeat(3000)}`,
  `Authorization: Digest username="${'\\"'.repeat(3000)}`,
  'Authorization: Digest username="anna", realm="x", nonce="y", uri="z", response="0"',
  'Authorization: Bearer 0000000000000000',
  ': x',
  'A'.repeat(5000),
]

const requestOf = (method: string, uri: string, headers: string[], sequence: number): string =>
  `${method} ${uri} RTSP/1.0\r\nCSeq: ${sequence}\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`

const interleaved = (random: Random, data: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from([0x24, random.of([0, 1, 1, 1, 255]), (data.length >>> 8) & 0xff, data.length & 0xff]),
    data,
  ])

/** RFC 3550 section 6: reports, requests for keyframes and packets, with their lengths right or wrong. */
function rtcpOf(random: Random): Buffer {
  const type = random.of([200, 201, 202, 203, 204, 205, 206, 207, 96])
  const body = random.bytes(4 * random.below(20))
  const words = random.happens(0.8) ? body.length / 4 : random.below(65_536)
  const head = Buffer.from([0x80 | random.below(32), type, (words >>> 8) & 0xff, words & 0xff])
  return Buffer.concat([head, body])
}

function strangerOf(random: Random, base: string): { entry: string; bytes: Buffer } {
  switch (random.below(8)) {
    case 0:
      return { entry: 'bytes', bytes: random.bytes(1 + random.below(3000)) }
    case 1:
      return {
        entry: 'frames',
        bytes: Buffer.concat(Array.from({ length: 60 }, () => interleaved(random, rtcpOf(random)))),
      }
    case 2: {
      const one = requestOf('OPTIONS', '*', [], 1)
      return { entry: 'pipelined', bytes: Buffer.from(one.repeat(1 + random.below(300))) }
    }
    case 3: {
      const text = requestOf(
        'SETUP',
        `${base}/camera1`,
        [`Transport: ${random.of(TRANSPORTS)}`, ...HEADERS.slice(0, 4)],
        1,
      )
      return { entry: 'long', bytes: Buffer.from(filledText(text, 15_000, random)) }
    }
    default: {
      const requests = Array.from({ length: 1 + random.below(5) }, (_, i) => {
        const headers = Array.from({ length: random.below(5) }, () => random.of(HEADERS))
        const method = random.of(METHODS)
        if (random.happens(0.4)) headers.push(`Transport: ${random.of(TRANSPORTS)}`)
        const text = requestOf(method, base + random.of(PATHS), headers, i)
        return random.happens(0.4) ? mutateText(text, random) : text
      })
      const bytes = Buffer.from(requests.join(''))
      return { entry: 'requests', bytes: random.happens(0.2) ? mutateBytes(bytes, random) : bytes }
    }
  }
}

const sessionIn = (heard: string): string => /^Session: (\w+)/m.exec(heard)?.[1] ?? ''

/** Plays, and then sends what no reader sends, reads nothing or hangs up. */
function readerOf(
  random: Random,
  base: string,
  udpPort: number,
): { entry: string; bytes: Buffer; play: (c: RawConnection) => Promise<void> } {
  const camera = random.of(['/camera1', '/camera1', '/camera2'])
  const overUdp = random.happens(0.4)
  const transport = overUdp
    ? `RTP/AVP;unicast;client_port=${udpPort}-${udpPort + 1}`
    : 'RTP/AVP/TCP;unicast;interleaved=0-1'
  const after = Array.from({ length: 1 + random.below(12) }, () =>
    random.happens(0.6)
      ? interleaved(random, random.happens(0.3) ? random.bytes(random.below(2500)) : rtcpOf(random))
      : Buffer.from(
          mutateText(
            requestOf(
              random.of(METHODS),
              base + random.of(PATHS),
              [`Transport: ${random.of(TRANSPORTS)}`],
              9,
            ),
            random,
          ),
        ),
  )
  const bytes = Buffer.concat(after)
  const readsNothing = random.happens(0.3)
  const methods = Array.from({ length: random.below(4) }, () =>
    random.of(['PLAY', 'PAUSE', 'PLAY', 'TEARDOWN', 'GET_PARAMETER', 'SETUP']),
  )
  return {
    entry: overUdp ? 'reader, UDP' : 'reader, TCP',
    bytes,
    play: async (connection) => {
      const setUp = requestOf('SETUP', base + camera, [`Transport: ${transport}`], 1)
      connection.send(setUp)
      await Promise.race([connection.hears(/\r\n\r\n/), sleep(PATIENCE_MS)])
      const session = `Session: ${sessionIn(connection.heard())}`
      connection.send(requestOf('PLAY', base + camera, [session], 2))
      if (readsNothing) connection.socket.pause()
      for (const method of methods)
        connection.send(requestOf(method, base + camera, [session, `Transport: ${transport}`], 3))
      connection.send(bytes)
    },
  }
}

const sleep = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms))

/** A response of our own making is a bug; so is one that names what a stranger may not know. */
function judge(target: Target, heard: string, about: string): void {
  if (/RTSP\/1\.0 500 /.test(heard)) target.find(`500 for ${about.slice(0, 2000)}`)
}

export const rtsp: EntryPoint = {
  name: 'rtsp',
  about:
    'requests, headers, transports, frames and RTCP, pipelined, halved and mutated; readers that read nothing',
  attack: async (target, random, inputs) => {
    const { rtspPort } = target.program
    const base = `rtsp://127.0.0.1:${rtspPort}`
    // Where packets over UDP go: to this test only.
    const sink = createSocket('udp4').bind(0, '127.0.0.1')
    await new Promise((resolve) => sink.once('listening', resolve))
    const honest = await RtspTestClient.open(rtspPort, '/camera1')
    await honest.watch()
    using _reader = await target.meter.excludePresent()
    let played = 0
    const unit = (): Unit => {
      const from = anAddress(random)
      const hangsUp = random.happens(0.3)
      const isReader = random.happens(0.5)
      const stranger = strangerOf(random, base)
      const reader = readerOf(random, base, sink.address().port)
      const { entry, bytes } = isReader ? reader : stranger
      const at = random.happens(0.3) ? random.below(bytes.length + 1) : bytes.length
      return {
        entry,
        inputs: 1,
        bytes: bytes.length,
        about: () => `${entry}: ${bytes.toString('latin1').slice(0, 4000)}`,
        send: async () => {
          const connection = await openRaw(rtspPort, from).catch(() => undefined)
          if (connection === undefined) return
          if (isReader) await reader.play(connection)
          else {
            connection.send(bytes.subarray(0, at))
            await new Promise((resolve) => setImmediate(resolve))
            connection.send(bytes.subarray(at))
          }
          await Promise.race([connection.closed, sleep(hangsUp ? 10 : PATIENCE_MS)])
          if (random.happens(0.5)) connection.socket.resetAndDestroy()
          else connection.socket.destroy()
          if (/RTP-Info: /.test(connection.heard())) played++
          judge(target, connection.heard(), `${entry}: ${bytes.toString('latin1')}`)
        },
      }
    }
    await inBatches(target, inputs, AT_ONCE, unit, async () => {
      const before = honest.rtp.length
      await within(
        PACKETS_LIMIT_MS,
        'packets of an honest reader',
        morePackets(honest, before + PACKETS_ENOUGH),
      ).catch((error: unknown) => target.find(String(error)))
      if (!isUnbroken(honest.rtp)) target.find('an honest reader lost packets')
    })
    if (played === 0) target.find('nothing played: nothing of this was tried')
    await honest[Symbol.asyncDispose]()
    sink.close()
  },
}

async function morePackets({ rtp, socket }: RtspTestClient, count: number): Promise<void> {
  while (rtp.length < count) {
    if (socket.destroyed) throw new Error('an honest reader was disconnected')
    await sleep(20)
  }
}

const WATCHING = /^(?:RTP-Info|Content-Base|Transport): /m

export const rtspLogin: EntryPoint = {
  name: 'rtsp-login',
  about: 'RTSP without credentials, and with hostile, forged and right ones',
  locked: true,
  attack: async (target, random, inputs) => {
    const { rtspPort: port } = await target.locked()
    const base = `rtsp://127.0.0.1:${port}`
    const right = `Authorization: Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')}`
    let signedIn = 0
    const unit = (): Unit => {
      const from = anAddress(random)
      const isRight = random.happens(0.1)
      const wrong = HEADERS.filter((header) => header.startsWith('Authorization'))
      const requests = ['DESCRIBE', 'SETUP', 'PLAY', 'TEARDOWN'].map((method, i) => {
        const login = isRight ? [right] : random.happens(0.5) ? [random.of(wrong)] : []
        const headers = [...login, 'Transport: RTP/AVP/TCP;unicast', 'Session: 0']
        return requestOf(method, `${base}/camera1`, headers, i)
      })
      const text = requests.join('')
      const bytes = isRight || random.happens(0.5) ? Buffer.from(text) : Buffer.from(mutateText(text, random))
      return {
        entry: isRight ? 'right' : 'wrong',
        inputs: 1,
        bytes: bytes.length,
        about: () => bytes.toString('latin1'),
        send: async () => {
          const connection = await openRaw(port, from)
          connection.send(bytes)
          await Promise.race([
            connection.closed,
            ...(isRight ? [connection.hears(/Transport: /)] : []),
            sleep(PATIENCE_MS),
          ])
          connection.socket.destroy()
          const heard = connection.heard()
          if (isRight && WATCHING.test(heard)) signedIn++
          if (!isRight && WATCHING.test(heard))
            target.find(`watched without credentials: ${bytes.toString('latin1')}`)
          judge(target, heard, bytes.toString('latin1'))
        },
      }
    }
    await inBatches(target, inputs, AT_ONCE, unit)
    if (signedIn === 0) target.find('the right password was of no use: nothing of this was tried')
  },
}
