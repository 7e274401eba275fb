import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { carriesKeyframe } from '../../src/rtp/keyframe.js'
import { writeBye } from '../../src/rtp/rtcp/bye.js'
import { parseFeedback } from '../../src/rtp/rtcp/feedback.js'
import { parseSenderReport } from '../../src/rtp/rtcp/sender-report.js'
import { basic, PASSWORD, TOKEN, USERNAME } from '../support/access.js'
import { freePorts, startProgram, until, type Program } from '../support/program.js'
import { digestFor, isUnbroken, RtspTestClient } from '../support/rtsp-client.js'

/** RTSP of the whole program. Other programs as readers are in test/interop/rtsp.test.ts. */

const headers = { Authorization: basic() }
const authorization = { authorization: basic() }
const camera = (number: number, codec: string, more = ''): string =>
  `[camera${number}]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\ncodec = "${codec}"\nwebrtc-port = $PORT${number}\n${more}`

let program: Program
let port: number
beforeAll(async () => {
  program = await startProgram({
    tables: `username = "${USERNAME}"\npassword = "${PASSWORD}"\ntoken = "${TOKEN}"
${camera(1, 'h264')}${camera(2, 'vp8', 'audio = { device = "test" }\n')}${camera(3, 'h264', 'on-demand = true\non-demand-close-after = 0\n')}
[webrtc]\nudp-port = $UDP\nmax-clients = 12\n[rtsp]\nport = $RTSP\n`,
  })
  port = program.rtspPort
  await until(() => /camera1: the camera delivers/.test(program.output()), 20_000)
  await until(() => /camera2: the camera delivers/.test(program.output()), 20_000)
})
afterAll(async () => await program[Symbol.asyncDispose]())

async function reader(path = '/camera1', at = port): Promise<RtspTestClient> {
  const client = await RtspTestClient.open(at, path, { headers })
  onTestFinished(async () => await client[Symbol.asyncDispose]())
  return client
}

const get = async (path: string): Promise<unknown> =>
  await (await fetch(`${program.url}${path}`, { headers: authorization })).json()

interface Listed {
  id: number
  camera: string
  via: string
  transport: string
  address: string
  frames_dropped: number
}
const viewers = async (): Promise<Listed[]> => ((await get('/api/viewers')) as { viewers: Listed[] }).viewers

/** Slots of earlier tests are given back. */
const isEmpty = async (): Promise<boolean> => (await viewers()).length === 0

const timestampOf = (packet: Buffer): number => packet.readUInt32BE(4)
const ssrcOf = (packet: Buffer): number => packet.readUInt32BE(8)

test('sound is read beside the video, on channels of its own', async () => {
  await until(isEmpty, 10_000)
  const client = await reader('/camera2')
  const { body } = await client.request('DESCRIBE')
  expect(body).toContain('m=audio 0 RTP/AVP 97\r\na=rtpmap:97 opus/48000/2\r\n')
  await client.setUp()
  const headers = { Transport: 'RTP/AVP/TCP;unicast;interleaved=2-3', Session: client.session }
  const setUp = await client.request('SETUP', headers, `${client.url}/trackID=1`)
  expect(setUp.status).toBe(200)
  const played = await client.play()
  const [, sequence, time] = /trackID=1;seq=(\d+);rtptime=(\d+)/.exec(played.headers.get('rtp-info')![0]!)!
  await until(() => client.audio.length > 100 && client.rtp.length > 30 && client.rtcp.length > 3, 20_000)
  expect(isUnbroken(client.audio)).toBe(true)
  expect(isUnbroken(client.rtp)).toBe(true)
  const [first] = client.audio as [Buffer]
  expect(first.readUInt16BE(2)).toBe(Number(sequence))
  expect(Math.abs((timestampOf(first) - Number(time)) | 0)).toBeLessThan(3 * 48_000)
  expect(new Set(client.audio.map((rtp) => rtp[1]! & 0x7f))).toEqual(new Set([97]))
  const audioSsrc = parseInt(/ssrc=([\dA-F]{8})/.exec(setUp.headers.get('transport')![0]!)![1]!, 16)
  expect(new Set(client.audio.map(ssrcOf))).toEqual(new Set([audioSsrc]))
  expect(new Set(client.rtcp.map((rtcp) => parseSenderReport(rtcp)?.ssrc))).toEqual(
    new Set([audioSsrc, ssrcOf(client.rtp[0]!)]),
  )
})

test.each([
  ['/camera1', false],
  ['/camera1', true],
  ['/camera2', false],
  ['/camera2', true],
])('%s is read, over UDP: %s', async (path, overUdp) => {
  await until(isEmpty, 10_000)
  const client = await reader(path)
  const described = await client.request('DESCRIBE')
  expect(described.body).toMatch(
    path === '/camera1'
      ? /profile-level-id=42C0[\dA-F]{2};sprop-parameter-sets=Z0[\w+/]+=*,aM[\w+/]+=*\r\n/
      : /a=rtpmap:96 VP8\/90000/,
  )
  const transport = overUdp ? await client.udpTransport() : undefined
  const setUp = await client.setUp(transport)
  const played = await client.play()
  const [, sequence, time] = /;seq=(\d+);rtptime=(\d+)$/.exec(played.headers.get('rtp-info')![0]!)!
  await until(() => client.rtp.length > 30 && client.rtcp.length > 2, 20_000)

  expect(isUnbroken(client.rtp)).toBe(true)
  const [first] = client.rtp as [Buffer]
  expect(first.readUInt16BE(2)).toBe(Number(sequence))
  expect((timestampOf(first) - Number(time)) | 0).toBeGreaterThanOrEqual(-45_000)
  expect((timestampOf(first) - Number(time)) | 0).toBeLessThan(5 * 90_000)
  const ssrc = parseInt(/ssrc=([\dA-F]{8})/.exec(setUp.headers.get('transport')![0]!)![1]!, 16)
  expect(new Set(client.rtp.map(ssrcOf))).toEqual(new Set([ssrc]))
  expect(carriesKeyframe[path === '/camera1' ? 'h264' : 'vp8'](first.subarray(12))).toBe(true)

  const report = parseSenderReport(client.rtcp.at(-1)!)!
  expect(report.ssrc).toBe(ssrc)
  const newest = timestampOf(client.rtp.at(-1)!)
  expect(Math.abs((report.rtpTimestamp - newest) | 0)).toBeLessThan(3 * 90_000)

  expect(await viewers()).toMatchObject([
    { via: 'rtsp', camera: path.slice(1), transport: overUdp ? 'udp' : 'tcp', address: '127.0.0.1' },
  ])
  const metrics = await (await fetch(`${program.url}/metrics`, { headers: authorization })).text()
  expect(metrics).toContain(`rpi_webrtc_camera_viewers_rtsp{camera="${path.slice(1)}"} 1\n`)
  await client.request('TEARDOWN', { Session: client.session })
  await until(isEmpty, 10_000)
  expect(
    client.rtcp.some((compound) => parseFeedback(compound, ssrc, { lastCommandSequence: undefined }).bye),
  ).toBe(true)
})

test('a reader that joins gets a keyframe at once, and requests one by RTCP', async () => {
  const client = await reader('/camera2')
  await client.watch()
  const keyframes = async (): Promise<number> =>
    ((await get('/health')) as { cameras: { camera2: { keyframes: number } } }).cameras.camera2.keyframes
  const before = await keyframes()
  const pli = Buffer.from([0x81, 206, 0, 2, 0, 0, 0, 9, ...client.rtp[0]!.subarray(8, 12)])
  await until(async () => {
    client.sendFrame(1, pli)
    return (await keyframes()) > before
  }, 10_000)
})

test('a reader over UDP that says goodbye by RTCP may still end its session', async () => {
  await until(isEmpty, 20_000)
  const client = await reader()
  const answer = await client.setUp(await client.udpTransport())
  const [, rtcpPort] = /server_port=\d+-(\d+)/.exec(answer.headers.get('transport')![0]!)!
  await client.play()
  await until(() => client.rtp.length > 0, 20_000)
  await client.sendRtcpTo(Number(rtcpPort), writeBye(1))
  await until(isEmpty, 20_000)
  expect(await client.request('TEARDOWN', { Session: client.session })).toMatchObject({ status: 200 })
})

test('ten readers get every packet, while one of them reads nothing', async () => {
  const [stopped, ...others] = await Promise.all(
    Array.from({ length: 10 }, async () => await reader('/camera1')),
  )
  await Promise.all([stopped!, ...others].map(async (client, i) => await client.watch(i > 0 && i % 2 === 0)))
  expect(await viewers()).toHaveLength(10)
  stopped!.socket.pause()
  const before = others.map(({ rtp }) => rtp.length)
  await until(() => others.every(({ rtp }, i) => rtp.length > before[i]! + 100), 30_000)
  for (const { rtp } of others) expect(isUnbroken(rtp)).toBe(true)
  expect(await viewers()).toHaveLength(10)
})

test('the numbers go on when the capture process is killed', async () => {
  const client = await reader()
  await client.watch()
  const before = client.rtp.length
  process.kill(await program.capturePid(1), 'SIGKILL')
  await until(() => client.rtp.length > before + 60, 20_000)
  expect(isUnbroken(client.rtp)).toBe(true)
  expect(new Set(client.rtp.map(ssrcOf)).size).toBe(1)
  const steps = client.rtp
    .slice(1)
    .map((packet, i) => (timestampOf(packet) - timestampOf(client.rtp[i]!)) | 0)
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...steps)).toBeLessThan(10 * 90_000)
})

test('an on-demand camera captures while a reader plays, and describes itself before', async () => {
  const state = async (): Promise<string> =>
    ((await get('/health')) as { cameras: { camera3: { state: string } } }).cameras.camera3.state
  await until(async () => (await state()) === 'idle', 20_000)
  const client = await reader('/camera3')
  expect((await client.request('DESCRIBE')).body).toContain('sprop-parameter-sets=')
  await client.watch()
  await until(async () => (await state()) === 'live', 20_000)
  await client[Symbol.asyncDispose]()
  await until(async () => (await state()) === 'idle', 20_000)
})

test('an administrator ends a reader', async () => {
  await until(isEmpty, 10_000)
  const client = await reader()
  await client.watch()
  const [{ id }] = (await viewers()) as [Listed]
  await fetch(`${program.url}/api/viewers/${id}`, { method: 'DELETE', headers: authorization })
  await client.closed
  await until(isEmpty, 10_000)
  expect(program.output()).toMatch(/viewer left camera=camera1 via=rtsp reason=removed/)
})

test('readers count in max-clients', async () => {
  await until(isEmpty, 10_000)
  const clients = await Promise.all(Array.from({ length: 12 }, async () => await reader('/camera2')))
  for (const client of clients) await client.watch()
  const last = await reader('/camera2')
  await last.setUp()
  const { status, body } = await last.play()
  expect([status, body]).toEqual([503, expect.stringContaining('camera2 has its maximum of 12 viewers')])
  await clients[0]!.request('TEARDOWN', { Session: clients[0]!.session })
  expect((await last.play()).status).toBe(200)
})

test('Digest, and the token under the user name "token", may watch', async () => {
  const about = { method: 'DESCRIBE', uri: `rtsp://127.0.0.1:${port}/camera1` }
  for (const [username, password] of [
    [USERNAME, PASSWORD],
    ['token', TOKEN],
  ] as const) {
    const client = await RtspTestClient.open(port)
    onTestFinished(async () => await client[Symbol.asyncDispose]())
    const challenges = (await client.request('DESCRIBE')).headers.get('www-authenticate')!
    const digest = digestFor(challenges[1]!, { ...about, username, password })
    expect((await client.request('DESCRIBE', { Authorization: digest })).status).toBe(200)
  }
  expect(program.output()).not.toContain(PASSWORD)
  expect(program.output()).not.toContain(TOKEN)
})

test('/api/cameras and the log name the address', async () => {
  const url = `rtsp://127.0.0.1:${port}/camera1`
  expect(await get('/api/cameras/camera1')).toMatchObject({ rtsp_url: url })
  expect(program.output()).toContain(`readers of RTSP: ${url}`)
})

test('a reload closes, opens and moves the port', async () => {
  const [other] = (await freePorts(1)) as [number]
  const toml = await readFile(program.configPath, 'utf8')
  const reload = async (text: string, log: RegExp): Promise<void> => {
    const before = program.output().length
    await writeFile(program.configPath, text)
    await until(() => log.test(program.output().slice(before)), 20_000)
  }
  const client = await reader()
  await client.watch()
  await reload(
    toml.replace(`port = ${port}\n`, `port = ${other}\n`),
    new RegExp(`rtsp://127.0.0.1:${other}/camera1`),
  )
  const before = client.rtp.length
  await until(() => client.rtp.length > before + 20, 20_000) // an open connection stays
  await expect(RtspTestClient.open(port)).rejects.toThrow('ECONNREFUSED')
  const moved = await reader('/camera1', other)
  await moved.watch()

  await reload(toml.replace(/\[rtsp\]\n.*\n/, ''), /RTSP is off/)
  await Promise.all([client.closed, moved.closed])
  await expect(RtspTestClient.open(other)).rejects.toThrow('ECONNREFUSED')
  expect(await get('/api/cameras/camera1')).not.toHaveProperty('rtsp_url')

  await reload(toml, new RegExp(`rtsp://127.0.0.1:${port}/camera1`))
  await (await reader()).watch()

  // Other credentials end what was opened with the former ones.
  const last = await reader()
  await last.watch()
  await writeFile(program.configPath, toml.replace(PASSWORD, `${PASSWORD} 2`))
  await last.closed
  await writeFile(program.configPath, toml)
})
