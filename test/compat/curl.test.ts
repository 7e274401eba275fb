import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startProgram, until, type Program } from '../support/program.js'
import { ViewerClient } from '../support/viewer-client.js'
import { webrtcbin } from '../support/viewer-offers.js'
import { fluiddOffer } from './offers.js'

/** Every error of WHEP as a person sees it who tries the address with curl. */

const run = promisify(execFile)
let program: Program
let session: string
let viewer: ViewerClient
let alive: NodeJS.Timeout

beforeAll(async () => {
  program = await startProgram({
    tables: `[camera1]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nwebrtc-port = $PORT1
[camera2]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nwebrtc-port = $PORT2
[webrtc]\nudp-port = $UDP\nmax-clients = 1\n`,
  })
  await until(async () => (await program.health()).status === 'ok', 20_000)
  viewer = await ViewerClient.open()
  const full = await curl('POST', '/camera2/whep', { type: 'application/sdp', body: viewer.offer('vp8') })
  await viewer.connect(full.text)
  alive = setInterval(() => {
    viewer.report()
    viewer.sendRaw(viewer.check())
  }, 500)
  const { headers } = await curl('POST', '/camera1/whep', { type: 'application/sdp', body: fluiddOffer })
  session = new URL(headers['location']!, `${program.url}/camera1/whep`).pathname
})
afterAll(async () => {
  clearInterval(alive)
  await viewer[Symbol.asyncDispose]()
  await program[Symbol.asyncDispose]()
})

interface Sent {
  type?: string
  body?: string
  ifMatch?: string
}

async function curl(method: string, path: string, { type, body, ifMatch }: Sent = {}) {
  const { stdout } = await run('curl', [
    ...['--silent', '--show-error', '--include', '--max-time', '5', '--request', method],
    ...['--header', `Content-Type: ${type ?? ''}`, '--header', 'Expect:'],
    ...(ifMatch === undefined ? [] : ['--header', `If-Match: ${ifMatch}`]),
    ...(body === undefined ? [] : ['--data-binary', body]),
    `${program.url}${path}`,
  ])
  const [head = '', text = ''] = stdout.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  return {
    status: Number(first.split(' ')[1]),
    headers: Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 2),
      ]),
    ) as Record<string, string>,
    text,
  }
}

const sdp = { type: 'application/sdp' }
const fragment = { type: 'application/trickle-ice-sdpfrag' }

test.each<[number, string, string, string, Sent, Record<string, RegExp>]>([
  [400, 'bad-offer', 'POST', '/camera1/whep', { ...sdp, body: 'hello' }, {}],
  [400, 'bad-fragment', 'PATCH', 'SESSION', { ...fragment, body: 'hello' }, {}],
  [404, 'no-such-camera', 'POST', '/camera9/whep', { ...sdp, body: fluiddOffer }, {}],
  [404, 'no-such-viewer', 'PATCH', '/camera1/whep/nobody', { ...fragment, body: 'a=x' }, {}],
  [404, 'no-such-viewer', 'DELETE', '/camera1/whep/nobody', {}, {}],
  [405, 'method-not-allowed', 'PUT', '/camera1/whep', {}, { allow: /^OPTIONS, POST$/ }],
  [405, 'method-not-allowed', 'GET', 'SESSION', {}, { allow: /^OPTIONS, PATCH, DELETE$/ }],
  [406, 'no-common-codec', 'POST', '/camera1/whep', { ...sdp, body: webrtcbin }, {}],
  [412, 'other-ice-session', 'PATCH', 'SESSION', { ...fragment, body: 'a=x', ifMatch: '"x"' }, {}],
  [413, 'body-too-large', 'POST', '/camera1/whep', { ...sdp, body: 'x'.repeat(70_000) }, {}],
  [
    415,
    'unsupported-media-type',
    'POST',
    '/camera1/whep',
    { body: 'hello' },
    { 'accept-post': /^application\/sdp$/ },
  ],
  [
    422,
    'no-video',
    'POST',
    '/camera1/whep',
    { ...sdp, body: fluiddOffer.replace('recvonly', 'sendonly') },
    {},
  ],
  [422, 'no-ice-restart', 'PATCH', 'SESSION', { ...fragment, body: 'a=ice-ufrag:new1', ifMatch: '*' }, {}],
  [503, 'camera-full', 'POST', '/camera2/whep', { ...sdp, body: fluiddOffer }, { 'retry-after': /^\d+$/ }],
])('%i %s: %s %s', async (status, error, method, path, sent, headers) => {
  const answer = await curl(method, path.replace('SESSION', session), sent)
  expect(answer.status).toBe(status)
  expect(answer.headers['content-type']).toMatch(/^application\/json/)
  const { message, ...rest } = JSON.parse(answer.text) as { error: string; message: string }
  expect(rest).toEqual({ error })
  expect(message).toMatch(/^\S.* .*\S$/)
  for (const [name, value] of Object.entries(headers)) expect(answer.headers[name]).toMatch(value)
})
