import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { PublisherClient } from '../support/publisher-client.js'
import { startProgram, type Program } from '../support/program.js'
import { watch, type Watcher } from '../support/watcher.js'
import { publishWithWerift, type WeriftPublisher } from '../support/werift-publisher.js'

/** The built program with a camera that clients publish to, and what its users see of it. */
const TOKEN = 'a-token-of-the-camera'

async function start(codec: 'vp8' | 'h264' = 'vp8', more = ''): Promise<Program> {
  const program = await startProgram({
    tables: `[camera1]\ndevice = "whip"\nwhip-token = "${TOKEN}"\nwebrtc-port = $PORT1\ncodec = "${codec}"\n${more}[webrtc]\nudp-port = $UDP\n`,
    through: ['env', 'PATH=/nonexistent'], // a server without GStreamer
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

async function publish(program: Program, codec: 'vp8' | 'h264' = 'vp8'): Promise<WeriftPublisher> {
  const publisher = await publishWithWerift(`${program.url}/camera1/whip`, TOKEN, codec)
  onTestFinished(async () => await publisher[Symbol.asyncDispose]())
  return publisher
}

async function join(program: Program, codec: 'vp8' | 'h264' = 'vp8'): Promise<Watcher> {
  const watcher = await watch(program.url, 'camera1', { codec })
  onTestFinished(async () => await watcher[Symbol.asyncDispose]())
  return watcher
}

const reaches = async (program: Program, expected: object): Promise<void> =>
  await vi.waitFor(async () => expect((await program.health()).cameras['camera1']).toMatchObject(expected))

const post = async (program: Program, authorization: string | undefined, body: string): Promise<Response> =>
  await fetch(`${program.url}/camera1/whip`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', ...(authorization !== undefined && { authorization }) },
    body,
  })

describe.each(['vp8', 'h264'] as const)('%s of a real encoder', (codec) => {
  test('is published without GStreamer on the server, and viewers get every frame', async () => {
    const program = await start(codec)
    await reaches(program, { state: 'lost', cause: 'no-publisher' })
    const watcher = await join(program, codec)
    const publisher = await publish(program, codec)
    await reaches(program, { state: 'live', viewers: 1 })
    await vi.waitFor(() => expect(watcher.seen().frames).toBeGreaterThan(60))
    watcher.restart()
    await vi.waitFor(() => expect(watcher.seen().frames).toBeGreaterThan(60))
    expect(watcher.seen()).toMatchObject({ missing: 0, backward: 0 })
    expect(publisher.keyframeRequests).toBeGreaterThan(0)
    expect(program.output()).toContain('publisher connected')
  })
})

test('a publisher that vanishes and one that takes its place: the viewer stays', async () => {
  const program = await start()
  const watcher = await join(program)
  const first = await publish(program)
  await vi.waitFor(() => expect(watcher.seen().frames).toBeGreaterThan(30))
  first.vanish()
  await reaches(program, { state: 'lost' })
  watcher.restart()
  const second = await publish(program)
  await reaches(program, { state: 'live', viewers: 1 })
  await vi.waitFor(() => expect(watcher.seen().frames).toBeGreaterThan(30))
  expect(watcher.seen()).toMatchObject({ missing: 0, backward: 0, resumedWithKeyframe: 1 })
  const { status } = await fetch(second.session, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${TOKEN}` },
  })
  expect(status).toBe(204)
  await reaches(program, { state: 'lost', cause: 'no-publisher', viewers: 1 })
})

test('strangers, wrong tokens and a second publisher do not replace the picture', async () => {
  const program = await start()
  const publisher = await publish(program)
  await reaches(program, { state: 'live' })
  const stranger = await PublisherClient.open()
  onTestFinished(async () => await stranger[Symbol.asyncDispose]())
  const offer = stranger.offer()
  expect((await post(program, undefined, offer)).status).toBe(401)
  expect((await fetch(publisher.session, { method: 'DELETE' })).status).toBe(401)
  const second = await post(program, `Bearer ${TOKEN}`, offer)
  expect([second.status, second.headers.get('retry-after')]).toEqual([409, '2'])
  expect(await second.json()).toMatchObject({ error: 'already-published' })
  const statuses: number[] = []
  for (let i = 0; i < 6; i++)
    statuses.push((await post(program, `Bearer guess-${i}-guess-guess`, offer)).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  await reaches(program, { state: 'live' })
})

test('H.264 whose parameter sets are in the offer alone is played, also by a viewer who comes later', async () => {
  const program = await start('h264')
  const publisher = await publishWithWerift(
    `${program.url}/camera1/whip`,
    TOKEN,
    'h264',
    'actpass',
    'in the offer',
  )
  onTestFinished(async () => await publisher[Symbol.asyncDispose]())
  for (let viewer = 0; viewer < 2; viewer++) {
    const watcher = await join(program, 'h264')
    await vi.waitFor(() => expect(watcher.seen().frames).toBeGreaterThan(30))
    watcher.restart()
    await vi.waitFor(() => expect(watcher.seen().frames).toBeGreaterThan(60))
    expect(watcher.seen()).toMatchObject({ missing: 0, backward: 0 })
  }
})

test('a publisher that insists on being the DTLS server is served', async () => {
  const program = await start()
  const watcher = await join(program)
  const publisher = await publishWithWerift(`${program.url}/camera1/whip`, TOKEN, 'vp8', 'passive')
  onTestFinished(async () => await publisher[Symbol.asyncDispose]())
  await vi.waitFor(() => expect(watcher.seen().frames).toBeGreaterThan(30))
})

test('another token of the camera ends its publisher, and viewers stay', async () => {
  const program = await start()
  const watcher = await join(program)
  await publish(program)
  await reaches(program, { state: 'live' })
  const config = await readFile(program.configPath, 'utf8')
  await writeFile(program.configPath, config.replace(TOKEN, 'another-token-of-the-camera'))
  process.kill(program.pid, 'SIGHUP')
  await reaches(program, { state: 'lost', cause: 'no-publisher', viewers: 1 })
  expect(program.output()).toContain('credentials-changed')
  expect((await post(program, `Bearer ${TOKEN}`, 'v=0')).status).toBe(401)
  const publisher = await publishWithWerift(
    `${program.url}/camera1/whip`,
    'another-token-of-the-camera',
    'vp8',
  )
  onTestFinished(async () => await publisher[Symbol.asyncDispose]())
  watcher.restart()
  await vi.waitFor(() => expect(watcher.seen().frames).toBeGreaterThan(30))
})

test('hostile RTP of a publisher with the right token costs it its packets, and nobody anything else', async () => {
  const program = await start()
  const watcher = await join(program)
  const publisher = await PublisherClient.open()
  onTestFinished(async () => await publisher[Symbol.asyncDispose]())
  const response = await post(program, `Bearer ${TOKEN}`, publisher.offer({ audio: true }))
  await publisher.connect(await response.text())
  const { packets: before } = (await program.health()).cameras['camera1']!
  for (let i = 0; i < 30_000; i++) {
    const rtp = Buffer.alloc(12 + (i % 1400), i)
    rtp[0] = 0x80 | (i & 0x3f)
    rtp[1] = i % 2 === 0 ? 102 : 103
    rtp.writeUInt16BE(20_000 + ((i * 7919) % 20_000), 2)
    rtp.writeUInt32BE((i * 0x9e3779b1) >>> 0, 4)
    rtp.writeUInt32BE(i % 5 === 0 ? 0x5eed : i % 40, 8)
    publisher.client.sendRaw(publisher.protect(rtp))
    if (i % 500 === 0) await publisher.client.checkPath()
  }
  await publisher.client.checkPath()
  expect((await program.health()).cameras['camera1']!.packets).toBeGreaterThanOrEqual(before)
  await publisher[Symbol.asyncDispose]()
  const honest = await vi.waitFor(async () => await publish(program))
  await reaches(program, { state: 'live' })
  expect(honest.sent).toBeGreaterThan(0)
  watcher.restart()
  await vi.waitFor(() => expect(watcher.seen().frames).toBeGreaterThan(30))
  expect(watcher.seen().backward).toBe(0)
})

test('who publishes is in /api/publishers and /metrics, and the owner can end it', async () => {
  const program = await start()
  const publishers = async (): Promise<Record<string, unknown>[]> =>
    (
      (await (await fetch(`${program.url}/api/publishers`)).json()) as {
        publishers: Record<string, unknown>[]
      }
    ).publishers
  const metric = async (name: string): Promise<number | undefined> => {
    const text = await (await fetch(`${program.url}/metrics`)).text()
    const [, value] =
      new RegExp(`^rpi_webrtc_publisher_${name}{camera="camera1"} (\\S+)$`, 'm').exec(text) ?? []
    return value === undefined ? undefined : Number(value)
  }
  expect(await publishers()).toEqual([])
  expect([await metric('connected'), await metric('received_packets_total')]).toEqual([0, 0])
  const watcher = await join(program)
  const publisher = await publish(program)
  await vi.waitFor(() => expect(watcher.seen().frames).toBeGreaterThan(60))
  await vi.waitFor(async () => expect((await publishers())[0]!['bitrate_bps']).toBeGreaterThan(10_000))
  expect(await publishers()).toMatchObject([
    { camera: 'camera1', address: '127.0.0.1', transport: 'udp', connected: true, lost_packets: 0 },
  ])
  expect(await metric('connected')).toBe(1)
  expect(await metric('connected_seconds')).toBeGreaterThan(0)
  expect(await metric('bitrate_bits_per_second')).toBeGreaterThan(10_000)
  expect(await metric('jitter_seconds')).toBeLessThan(1)
  const heard = publisher.keyframeRequests
  expect(await metric('keyframe_requests_total')).toBeGreaterThanOrEqual(heard)
  const packets = await metric('received_packets_total')
  expect(packets).toBeGreaterThan(60)

  const ended = await fetch(`${program.url}/api/publishers/camera1`, { method: 'DELETE' })
  expect(ended.status).toBe(204)
  await reaches(program, { state: 'lost', cause: 'no-publisher', viewers: 1 })
  expect(await publishers()).toEqual([])
  expect(await metric('connected')).toBe(0)
  expect(await metric('connected_seconds')).toBeUndefined()
  expect(await metric('received_packets_total')).toBeGreaterThanOrEqual(packets!)
  expect((await fetch(`${program.url}/api/publishers/camera1`, { method: 'DELETE' })).status).toBe(404)
  await publish(program)
  await vi.waitFor(async () => expect(await metric('connections_total')).toBe(2))
})
