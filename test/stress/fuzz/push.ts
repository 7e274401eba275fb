import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { until } from '../../support/program.js'
import { dtlsRecord, handshakeRecord, plaintextAlert, ViewerClient } from '../../support/viewer-client.js'
import { BINDING_SUCCESS, writeStun, xorMappedAddress } from '../../support/viewer-stun.js'
import { inBatches, type EntryPoint } from './entry-point.js'
import { filledText, mutateBytes, mutateText } from './mutate.js'
import type { Random } from './random.js'
import type { Unit } from './meter.js'
import type { Target } from './target.js'

/** As many pushes has the camera at once; each change of the file begins so many. */
const AT_ONCE = 10
/** A reload looks for encoders again, and each offer makes an ICE agent. */
const RELOAD_MS = 400
const OFFER_MS = 25
const ASKED_LIMIT_MS = 30_000
const MOST_ANSWER_BYTES = 64 * 1024
/** Handshake messages of a server, and some that it never sends (RFC 5246 section 7.4). */
const DTLS_MESSAGES = [0, 2, 3, 4, 11, 12, 13, 14, 20, 1, 16, 77]

/** What a server answers to an offer, or nearly so. */
function replyTo(response: ServerResponse, offer: string, honest: string, random: Random): void {
  const status = random.of([
    201,
    201,
    201,
    201,
    200,
    307,
    308,
    302,
    403,
    406,
    429,
    503,
    100 + random.below(500),
  ])
  const location = random.of([
    '/r/1',
    '?x',
    'http://[',
    '//127.0.0.1:1/',
    '\u00ff',
    'x'.repeat(9000),
    'ftp://x/',
    '',
  ])
  const body = random.of([
    () => honest,
    () => mutateText(honest, random),
    () => mutateText(honest, random),
    () => mutateText(offer, random),
    () => filledText(honest, random.of([60_000, MOST_ANSWER_BYTES + 100]), random),
    () => mutateBytes(Buffer.from(honest), random),
    () => random.bytes(random.below(2000)),
  ])()
  const headers = {
    location,
    'retry-after': random.of(['0', '-1', '1e9', 'Wed, 21 Oct 2015 07:28:00 GMT', 'x']),
    'content-type': random.of(['application/sdp', 'text/html', '']),
    link: random.of(['<stun:127.0.0.1:1>; rel="ice-server"', '<'.repeat(5000)]),
  }
  try {
    response.writeHead(Math.max(200, status), headers)
  } catch {
    response.writeHead(201) // Node.js refuses to send some of them
  }
  if (random.happens(0.05)) response.write(body, () => response.destroy())
  else response.end(body)
}

/** One datagram of a DTLS server that does not keep the rules. */
function dtlsRecords(random: Random): Buffer {
  const records = Array.from({ length: 1 + random.below(6) }, () => {
    const fragment = random.bytes(random.below(300))
    if (random.happens(0.1)) return plaintextAlert(random.below(120), 1 + random.below(2))
    if (random.happens(0.1))
      return dtlsRecord(random.of([20, 21, 22, 23, 24]), fragment, { epoch: random.below(2) })
    const length = random.happens(0.7) ? fragment.length : random.below(20_000)
    const type = random.of(DTLS_MESSAGES)
    return handshakeRecord({ type, length, sequence: random.below(5), offset: random.below(3), fragment })
  })
  const all = Buffer.concat(records)
  return random.happens(0.3) ? mutateBytes(all, random) : all
}

/** Accepts everybody's checks, and answers DTLS with nonsense. */
async function openHostilePeer(random: Random) {
  const client = await ViewerClient.open()
  const { ufrag, password } = client
  const offer = client.offer('vp8')
  client.vanish()
  const socket = createSocket('udp4')
  socket.on('message', (datagram, { port, address }) => {
    const first = datagram[0] ?? 0
    if (first < 4 && datagram.length >= 20) {
      const transactionId = datagram.subarray(8, 20)
      const attributes = [xorMappedAddress(address, port, transactionId)]
      const message = writeStun({ type: BINDING_SUCCESS, transactionId, attributes, password })
      socket.send(random.happens(0.1) ? mutateBytes(message, random) : message, port, address)
    } else if (first >= 20 && first < 64) socket.send(dtlsRecords(random), port, address)
  })
  await once(socket.bind(0, '127.0.0.1'), 'listening')
  const candidate = `a=candidate:1 1 udp 2130706431 127.0.0.1 ${socket.address().port} typ host\r\n`
  return {
    /** An answer that the program accepts. */
    answerTo: (offered: string): string => {
      const [, payloadType] = /m=video \d+ \S+ (\d+)/.exec(offered) ?? []
      const answer = offer
        .replace('a=setup:actpass', `a=setup:${random.of(['active', 'passive', 'passive'])}`)
        .replaceAll(/(SAVPF |rtpmap:|rtcp-fb:|fmtp:)102/g, `$1${payloadType ?? 96}`)
      const lite = random.happens(0.3) ? 'a=ice-lite\r\n' : ''
      return answer.replace('t=0 0\r\n', `t=0 0\r\n${lite}`) + candidate
    },
    ufrag,
    close: () => void socket.close(),
  }
}

async function openHostileServer(random: Random) {
  const peer = await openHostilePeer(random)
  const asked = new Set<string>()
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    response.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.add(request.url!)
      const offer = Buffer.concat(chunks).toString()
      replyTo(response, offer, peer.answerTo(offer), random)
    })
  })
  server.on('clientError', (_error, socket) => socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: () => {
      peer.close()
      server.close()
      server.closeAllConnections()
    },
  }
}

export const push: EntryPoint = {
  name: 'push',
  about: 'answers of a media server to which a camera is pushed, and its DTLS',
  attack: async (target, random, inputs) => {
    const { configPath, pid } = target.program
    const before = await readFile(configPath, 'utf8')
    const server = await openHostileServer(random)
    let count = 0
    const begin = async (): Promise<void> => {
      const paths = Array.from({ length: AT_ONCE }, () => `/${++count}`)
      const tables = paths.map((path) => `[[camera1.push]]\nurl = "http://127.0.0.1:${server.port}${path}"\n`)
      await writeFile(configPath, `${before}\n${tables.join('')}`)
      process.kill(pid, 'SIGHUP')
      await until(() => paths.every((path) => server.asked.has(path)), ASKED_LIMIT_MS)
    }
    const batches = Math.ceil(inputs / AT_ONCE)
    await inBatches(target, batches, 1, (): Unit => ({
      entry: 'answer',
      inputs: AT_ONCE,
      bytes: AT_ONCE * 2000,
      honestMs: RELOAD_MS + AT_ONCE * OFFER_MS,
      about: () => `pushes up to ${count}`,
      send: begin,
    }))
    await writeFile(configPath, before)
    process.kill(pid, 'SIGHUP')
    await noPushes(target)
    server.close()
  },
}

async function noPushes({ program }: Target): Promise<void> {
  await until(async () => {
    const { cameras } = await program.health()
    return Object.values(cameras).every((camera) => !('pushes' in camera))
  }, ASKED_LIMIT_MS)
}
