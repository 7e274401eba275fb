import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { boxesOf, find } from '../support/mp4.js'
import { startProgram, until, type Program } from '../support/program.js'
import { ViewerClient } from '../support/viewer-client.js'

/** Fragmented MP4 in the WebSockets of the whole program. */

const run = promisify(execFile)
const LOGIN = { username: 'anna', password: 'correct horse' }
const AUTHORIZATION = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')}`
const camera = (number: number, codec: string): string =>
  `[camera${number}]\ndevice = "test:smpte"\nwidth = 320\nheight = 240\nfps = 15\ncodec = "${codec}"\nwebrtc-port = $PORT${number}\n`

let program: Program
beforeAll(async () => {
  program = await startProgram({
    tables: `username = "${LOGIN.username}"\npassword = "${LOGIN.password}"\n${camera(1, 'h264')}${camera(2, 'vp8')}[webrtc]\nudp-port = $UDP\nmax-clients = 1\n`,
  })
  await until(async () => (await program.health()).status === 'ok', 20_000)
})
afterAll(async () => await program[Symbol.asyncDispose]())

const get = async (path: string): Promise<unknown> =>
  await (await fetch(`${program.url}${path}`, { headers: { authorization: AUTHORIZATION } })).json()

const viewersOf = async (): Promise<{ via: string; id: number; address: string }[]> =>
  ((await get('/api/viewers')) as { viewers: { via: string; id: number; address: string }[] }).viewers

interface Client {
  socket: WebSocket
  texts: Record<string, unknown>[]
  media: Buffer[]
  closed: Promise<number>
  send: (message: unknown) => void
}

async function open(path: string): Promise<Client> {
  const socket = new WebSocket(`${program.url.replace('http', 'ws')}${path}`, {
    headers: { authorization: AUTHORIZATION },
  })
  onTestFinished(async () => {
    if (socket.readyState === socket.CLOSED) return
    const gone = once(socket, 'close')
    socket.close()
    await gone
    await until(async () => (await viewersOf()).length === 0, 10_000)
  })
  const [texts, media]: [Client['texts'], Buffer[]] = [[], []]
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) media.push(data)
    else texts.push(JSON.parse(data.toString()) as Record<string, unknown>)
  })
  const closed = once(socket, 'close').then(([code]) => code as number)
  await once(socket, 'open')
  return { socket, texts, media, closed, send: (message) => socket.send(JSON.stringify(message)) }
}

const isInit = (bytes: Buffer): boolean => boxesOf(bytes)[0]!.type === 'ftyp'
const fragmentsOf = (media: Buffer[]) =>
  media
    .filter((bytes) => !isInit(bytes))
    .map((bytes) => ({
      decodeTime: Number(find(bytes, 'moof.traf.tfdt').readBigUInt64BE(4)),
      duration: find(bytes, 'moof.traf.tfhd').readUInt32BE(8),
      isKeyframe: find(bytes, 'moof.traf.tfhd').readUInt32BE(16) === 0x02000000,
    }))

function expectUnbroken(media: Buffer[]): void {
  const fragments = fragmentsOf(media)
  expect(fragments[0]).toMatchObject({ decodeTime: 0, isKeyframe: true })
  fragments
    .slice(1)
    .forEach(({ decodeTime }, i) =>
      expect(decodeTime).toBe(fragments[i]!.decodeTime + fragments[i]!.duration),
    )
}

test('go2rtc: the type, an init segment, and frames that a decoder decodes', async () => {
  const client = await open('/api/ws?src=camera1')
  client.send({ type: 'mse', value: 'avc1.640029,avc1.64002A,hvc1.1.6.L153.B0,mp4a.40.2,opus' })
  await until(() => client.media.length > 40, 20_000)
  expect(client.texts).toEqual([
    { type: 'mse', value: expect.stringMatching(/^video\/mp4; codecs="avc1\.[0-9a-f]{6}"$/) as string },
  ])
  expect(client.media.map(isInit)).toEqual(client.media.map((_, i) => i === 0))
  expectUnbroken(client.media)

  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-mse-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  const file = join(folder, 'video.mp4')
  const media = client.media.slice()
  await writeFile(file, Buffer.concat(media))
  const pipeline = [
    'filesrc',
    `location=${file}`,
    '!',
    'qtdemux',
    '!',
    'h264parse',
    '!',
    'identity',
    'silent=false',
  ]
  const { stdout } = await run('gst-launch-1.0', ['-v', ...pipeline, '!', 'fakesink'], { maxBuffer: 1 << 24 })
  expect(stdout).toMatch(/video\/x-h264.*width=\(int\)320, height=\(int\)240/)
  expect(stdout.match(/last-message = chain/g)).toHaveLength(fragmentsOf(media).length)
})

test('a viewer over HTTP counts as one, is listed, and ends when an administrator removes it', async () => {
  const client = await open('/camera1/ws')
  client.send({ mse: {} })
  await until(() => client.media.length > 5, 20_000)
  expect(await get('/health')).toMatchObject({ cameras: { camera1: { viewers: 1 } } })
  const [viewer, ...others] = await viewersOf()
  expect(others).toEqual([])
  expect(viewer).toMatchObject({ via: 'mse', address: '127.0.0.1', camera: 'camera1' })

  const second = await open('/api/ws?src=camera1')
  second.send({ type: 'mse', value: '' })
  await until(() => second.texts.length > 0, 10_000)
  expect(second.texts).toMatchObject([
    { type: 'error', value: expect.stringContaining('maximum of 1') as string },
  ])
  expect(second.media).toEqual([])

  const removal = await fetch(`${program.url}/api/viewers/${viewer!.id}`, {
    method: 'DELETE',
    headers: { authorization: AUTHORIZATION },
  })
  expect(removal.ok).toBe(true)
  expect(await client.closed).toBe(1008)
  expect(client.texts.at(-1)).toMatchObject({ error: { code: 'removed' } })
  expect(await viewersOf()).toEqual([])
})

test('a full camera lets the viewer that it shows over HTTP connect by WebRTC, and nobody else', async () => {
  const client = await open('/camera1/ws')
  client.send({ mse: {} })
  await until(() => client.media.length > 0, 20_000)
  await using other = await ViewerClient.open()
  const refused = await fetch(`${program.url}/camera1/whep`, {
    method: 'POST',
    body: other.offer('h264'),
    headers: { 'content-type': 'application/sdp', authorization: AUTHORIZATION },
  })
  expect(refused.status).toBe(503)

  await using webrtc = await ViewerClient.open()
  client.send({ offer: { type: 'offer', sdp: webrtc.offer('h264') } })
  const answerOf = (): string | undefined =>
    client.texts.map((text) => (text['answer'] as { sdp: string } | undefined)?.sdp).find(Boolean)
  await until(() => answerOf() !== undefined, 10_000)
  await webrtc.connect(answerOf()!)
  await until(() => webrtc.received.length > 20, 20_000)
  const before = client.media.length
  await until(() => client.media.length > before, 10_000) // both, until the client stops one
  client.send({ mse: null })
  await until(async () => (await viewersOf()).map(({ via }) => via).join() === 'websocket', 10_000)
})

test('the stream goes on when the capture process is replaced', async () => {
  const client = await open('/camera1/ws')
  client.send({ mse: {} })
  await until(() => client.media.length > 10, 20_000)
  process.kill(await program.capturePid(1), 'SIGKILL')
  const before = client.media.length
  await until(() => client.media.length > before + 20, 20_000)
  expectUnbroken(client.media)
  expect(fragmentsOf(client.media.slice(before)).some(({ isKeyframe }) => isKeyframe)).toBe(true)
})

test('a VP8 camera names the address of its JPEGs', async () => {
  const client = await open('/camera2/ws')
  client.send({ mse: {} })
  await until(() => client.texts.some((text) => 'mse' in text), 10_000)
  expect(client.texts.find((text) => 'mse' in text)).toMatchObject({
    mse: {
      error: { code: 'mse-unsupported', message: expect.stringContaining('/camera2/stream.mjpg') as string },
    },
  })
})

test.each(['/camera1/ws', '/api/ws?src=camera1'])('%s opens with credentials only', async (path) => {
  const socket = new WebSocket(`${program.url.replace('http', 'ws')}${path}`)
  const [error] = (await once(socket, 'error')) as [Error]
  expect(error.message).toContain('401')
})
