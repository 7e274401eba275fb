import { once } from 'node:events'
import { connect } from 'node:tls'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makeCertificate } from '../../../test/support/certificate.js'
import { openListener, openTcp } from '../../../test/support/listener.js'
import { createRandom } from '../../../test/stress/fuzz/random.js'
import { mutateText } from '../../../test/stress/fuzz/mutate.js'
import { defaultConfig } from '../../config/parse.js'
import type { Limits } from '../../config/limits.js'
import { silentLog } from '../../log.js'
import { openCertificate } from '../tls/certificate.js'

async function serve(limits: Partial<Limits> = {}): Promise<number> {
  const files = await makeCertificate('pi')
  onTestFinished(async () => await files[Symbol.asyncDispose]())
  const certificate = await openCertificate(files, { log: silentLog })
  onTestFinished(() => certificate[Symbol.dispose]())
  const { port } = await openListener({
    certificate,
    limits: () => ({ ...defaultConfig().limits, ...limits }),
  })
  return port
}

/** Everything that comes back for these bytes until the server closes. */
async function answerTo(port: number, parts: (string | Buffer)[]): Promise<string> {
  const tcp = await openTcp(port)
  for (const part of parts) {
    if (tcp.writable) tcp.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part)
    await turn()
  }
  await vi.waitFor(() => expect(tcp.readableEnded || tcp.destroyed).toBe(true), { timeout: 10_000 })
  return tcp.received()
}

const get = (path: string, ...headers: string[]): string =>
  `GET ${path} HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`
const locationIn = (answer: string): string | undefined => /^location: (.*)\r$/im.exec(answer)?.[1]
const statusOf = (answer: string): string => answer.slice(9, 12)

test.each([
  ['pi.local:8080', '/', 'https://pi.local:8080/'],
  ['192.168.1.20', '/camera1/?view=kiosk', 'https://192.168.1.20/camera1/?view=kiosk'],
  ['[fd00::2]:8080', '//evil.example/', 'https://[fd00::2]:8080//evil.example/'],
])('a request for %s and %s is redirected to https, and not for ever', async (host, path, location) => {
  const answer = await answerTo(await serve(), [get(path, 'Accept: */*', `host:${host}  `)])
  expect(statusOf(answer)).toBe('308')
  expect(locationIn(answer)).toBe(location)
  expect(answer).toMatch(/\r\nCache-Control: no-store\r\n/)
})

test('a request that comes in single bytes is redirected too', async () => {
  const answer = await answerTo(await serve(), Array.from(get('/', 'Host: pi')))
  expect(locationIn(answer)).toBe('https://pi/')
})

test.each([
  [get('/')],
  [get('/', 'Host: ')],
  [get('/', 'Host: a', 'Host: b')],
  [get('/', 'Host: pi@evil.example')],
  [get('/', 'Host: evil.example/x')],
  [get('/', 'Host: pi\r evil')],
  [get('/', `Host: ${'a'.repeat(300)}`)],
  [get('http://evil.example/', 'Host: pi')],
  [get('*', 'Host: pi')],
  [get('/\u0001', 'Host: pi')],
  ['GET / HTTP/2.0\r\nHost: pi\r\n\r\n'],
  ['GARBAGE\r\n\r\n'],
])('%j gets 400 and no address', async (request) => {
  const answer = await answerTo(await serve(), [request])
  expect(statusOf(answer)).toBe('400')
  expect(locationIn(answer)).toBeUndefined()
})

test('headers above the limit get 431, whether they end or not', async () => {
  const port = await serve({ maxHeaderBytes: 1024 })
  expect(statusOf(await answerTo(port, ['GET / HTTP/1.1\r\nX: ', 'a'.repeat(2000)]))).toBe('431')
})

test('bytes that are neither TLS nor HTTP get no answer', async () => {
  const port = await serve()
  for (const bytes of ['\u0000', 'SSH'.toLowerCase(), '\u0080\u002e\u0001', '\r\n'])
    expect(await answerTo(port, [bytes])).toBe('')
})

test('a client that sends nothing, or half a request, is closed after the time for headers', async () => {
  const port = await serve({ headerTimeoutMs: 200 })
  expect(await answerTo(port, [])).toBe('')
  expect(await answerTo(port, ['GET / HTTP/1.1\r\n'])).toBe('')
})

test('hostile bytes end in an answer of ours or in nothing, and TLS works beside them', async () => {
  const port = await serve({ headerTimeoutMs: 300 })
  const random = createRandom(20_261_130)
  const seeds = [
    get('/', 'Host: pi:8080'),
    get('/camera1/ws', 'Host: pi', 'Upgrade: websocket'),
    '\u0016\u0003\u0001\u0000\u0005hello',
  ]
  const inputs = Array.from({ length: 300 }, () => mutateText(random.of(seeds), random))
  const answers = await Promise.all(inputs.slice(0, 60).map(async (input) => await answerTo(port, [input])))
  for (let from = 60; from < inputs.length; from += 60)
    answers.push(
      ...(await Promise.all(
        inputs.slice(from, from + 60).map(async (input) => await answerTo(port, [input])),
      )),
    )
  for (const answer of answers)
    if (answer.startsWith('HTTP')) expect(['308', '400', '431']).toContain(statusOf(answer))
  for (const location of answers.map(locationIn).filter((one) => one !== undefined))
    expect(URL.canParse(location)).toBe(true)
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'secureConnect')
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 OK/)
})
