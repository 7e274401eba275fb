import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { packetsOf, SENDER_REPORT } from '../../src/rtp/rtcp/compound.js'
import { readNtpMs } from '../../src/rtp/ntp.js'
import { childrenOf, commandLineOf, startProgram, until, type Program } from '../support/program.js'
import { ViewerClient, type ReceivedPacket } from '../support/viewer-client.js'

/** Sound of the whole program: a real encoder, and a receiver that decodes. */

const camera = (number: number, audio: string): string =>
  `[camera${number}]\ndevice = "test:smpte"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT${number}\n${audio}\n`

let program: Program
beforeAll(async () => {
  program = await startProgram({
    tables: `${camera(1, 'audio = { device = "test" }')}${camera(2, 'audio = { device = "hw:CARD=Nothing" }')}${camera(3, '')}[webrtc]\nudp-port = $UDP\n`,
  })
  await until(async () => (await program.health()).status === 'ok', 20_000)
})
afterAll(async () => await program[Symbol.asyncDispose]())

const isSound = ({ payloadType }: ReceivedPacket): boolean => payloadType === 111
const isVideo = ({ payloadType }: ReceivedPacket): boolean => payloadType === 102

/** A viewer of a camera that reports, as a browser does. */
async function watch(key: string, wantsSound = true): Promise<{ client: ViewerClient; answer: string }> {
  const client = await ViewerClient.open()
  const response = await fetch(`${program.url}/${key}/whep`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: client.offer('vp8', [], wantsSound ? client.audioSection() : []),
  })
  const answer = await response.text()
  expect(response.status, answer).toBe(201)
  const session = new URL(response.headers.get('location')!, response.url)
  await client.connect(answer)
  const timer = setInterval(() => client.report(), 1000)
  onTestFinished(async () => {
    clearInterval(timer)
    await client[Symbol.asyncDispose]()
    await fetch(session, { method: 'DELETE' })
  })
  return { client, answer }
}

async function audioPid(): Promise<number> {
  for (const pid of await childrenOf(program.pid))
    if ((await commandLineOf(pid)).includes('audiotestsrc')) return pid
  throw new Error('no process records sound')
}

const steps = (packets: ReceivedPacket[], of: (packet: ReceivedPacket) => number, size: number): number[] =>
  packets.slice(1).map((packet, i) => (of(packet) - of(packets[i]!) + size) % size)
const sequenceSteps = (packets: ReceivedPacket[]): number[] =>
  steps(packets, ({ sequence }) => sequence, 2 ** 16)
const tickSteps = (packets: ReceivedPacket[]): number[] =>
  steps(packets, ({ timestamp }) => timestamp, 2 ** 32)

/** Decodes packets with GStreamer. @returns samples of 16 bits at 48 kHz. */
async function decode(packets: readonly ReceivedPacket[]): Promise<Int16Array> {
  const probe = createSocket('udp4')
  probe.bind(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  const caps = 'application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=111'
  const line = `-q udpsrc address=127.0.0.1 port=${port} caps=${caps} ! rtpopusdepay ! opusdec ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! fdsink fd=1 sync=false`
  const gst = spawn('gst-launch-1.0', line.split(' '), { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(gst, 'close')
  const chunks: Buffer[] = []
  gst.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const bytes = (): number => chunks.reduce((sum, { length }) => sum + length, 0)
  const socket = createSocket('udp4')
  const first = packets[0]!
  const send = async (i: number): Promise<void> => {
    const { sequence, timestamp, payload } = packets[i]!
    const header = Buffer.alloc(12)
    header.writeUInt16BE(0x806f, 0)
    header.writeUInt16BE(sequence, 2)
    header.writeUInt32BE(timestamp, 4)
    await new Promise<void>((resolve) =>
      socket.send(Buffer.concat([header, payload]), port, '127.0.0.1', () => resolve()),
    )
  }
  try {
    // Until the socket is open, the first packet is sent again and again: its copies are dropped or decoded once.
    await until(async () => {
      await send(0)
      return bytes() > 0
    }, 20_000)
    const before = bytes()
    for (let i = 1; i < packets.length; i++) await send(i)
    const wanted = before + (packets.length - 1) * 960 * 2
    await until(() => bytes() >= wanted, 20_000)
    expect(first.timestamp).toBeDefined()
  } finally {
    gst.kill('SIGINT')
    socket.close()
    await ended
  }
  const all = Buffer.concat(chunks)
  return new Int16Array(all.buffer.slice(all.byteOffset, all.byteOffset + (all.length & ~1)))
}

test('a viewer gets fifty packets of Opus a second, which decode to the test tone', async () => {
  const { client, answer } = await watch('camera1')
  expect(answer).toMatch(/m=audio 9 UDP\/TLS\/RTP\/SAVPF 111\r\n/)
  await until(() => client.received.filter(isSound).length >= 160, 20_000)
  const sound = client.received.filter(isSound)
  expect(new Set(sequenceSteps(sound))).toEqual(new Set([1]))
  // A processor without time loses whole packets' worth of sound, rather than delaying it.
  expect(tickSteps(sound).filter((ticks) => ticks % 960 !== 0 || ticks > 48_000)).toEqual([])
  expect(tickSteps(sound).filter((ticks) => ticks === 960).length).toBeGreaterThan(140)
  expect(client.received.filter(isVideo).length).toBeGreaterThan(20)
  expect(client.undecryptable).toBe(0)

  const samples = await decode(sound.slice(0, 150))
  const blocks = Array.from(
    { length: Math.floor(samples.length / 480) },
    (_, i) => Math.hypot(...samples.subarray(i * 480, (i + 1) * 480)) / Math.sqrt(480),
  )
  const loud = blocks.filter((level) => level > 2000).length
  // Three seconds have three tones of 0.1 s, and silence between them.
  expect(loud).toBeGreaterThan(20)
  expect(loud).toBeLessThan(60)
  expect(blocks.filter((level) => level < 200).length).toBeGreaterThan(150)
}, 60_000)

test('sound and video are reported in one time, which says when they were captured', async () => {
  const { client } = await watch('camera1')
  const reports = new Map<number, { ntpMs: number; rtp: number; atMs: number }[]>()
  client.onRtcp = (compound) => {
    for (const packet of packetsOf(compound)) {
      if (packet[1] !== SENDER_REPORT) continue
      const ssrc = packet.readUInt32BE(4)
      const report = { ntpMs: readNtpMs(packet, 8), rtp: packet.readUInt32BE(16), atMs: Date.now() }
      reports.set(ssrc, [...(reports.get(ssrc) ?? []), report])
    }
  }
  await until(() => reports.size === 2 && [...reports.values()].every((each) => each.length >= 4), 20_000)
  for (const packet of [client.received.findLast(isSound)!, client.received.findLast(isVideo)!]) {
    const rate = isSound(packet) ? 48 : 90
    const [first, last] = [reports.get(packet.ssrc)!.at(1)!, reports.get(packet.ssrc)!.at(-1)!]
    const elapsedMs = ((last.rtp - first.rtp) | 0) / rate
    expect(Math.abs(elapsedMs - (last.ntpMs - first.ntpMs))).toBeLessThan(20)
    // The report was made at the time that it names.
    const unixMs = last.ntpMs - 2_208_988_800_000
    expect(Math.abs(unixMs - last.atMs)).toBeLessThan(200)
  }
}, 60_000)

test('the process that records is killed: the picture goes on, and the sound comes back in the same stream', async () => {
  const { client } = await watch('camera1')
  await until(() => client.received.filter(isSound).length >= 50, 20_000)
  const video = await program.capturePid(1)
  const before = client.received.length
  process.kill(await audioPid(), 'SIGKILL')
  await until(() => client.received.slice(before).filter(isSound).length >= 100, 20_000)
  const sound = client.received.filter(isSound)
  expect(new Set(sequenceSteps(sound))).toEqual(new Set([1]))
  expect(new Set(sound.map(({ ssrc }) => ssrc)).size).toBe(1)
  const pauses = tickSteps(sound).filter((ticks) => ticks !== 960)
  expect(pauses.every((ticks) => ticks > 0 && ticks < 48_000 * 20)).toBe(true)
  const pictures = client.received.filter(isVideo)
  expect(new Set(sequenceSteps(pictures))).toEqual(new Set([1]))
  expect(Math.max(...tickSteps(pictures))).toBeLessThan(90_000)
  expect(await program.capturePid(1)).toBe(video)
  const health = (await program.health()).cameras['camera1'] as unknown as { restarts: number; audio: object }
  expect(health).toMatchObject({ restarts: 0, audio: { state: 'live', restarts: 1 } })
}, 60_000)

test('a microphone that does not exist is a warning, and the picture plays', async () => {
  interface Warned {
    state: string
    warnings?: { cause: string; message: string; hint: string }[]
    audio: { state: string }
  }
  const health = async (): Promise<Warned> => (await program.health()).cameras['camera2'] as unknown as Warned
  await until(async () => (await health()).warnings !== undefined, 20_000)
  const { state, warnings, audio } = await health()
  expect(state).toBe('live')
  expect(audio.state).toBe('lost')
  expect(warnings).toHaveLength(1)
  expect(['audio-no-device', 'audio-missing-plugin']).toContain(warnings![0]!.cause)
  expect((await program.health()).status).toBe('ok')
  const { client, answer } = await watch('camera2')
  expect(answer).toContain('m=audio 9')
  await until(() => client.received.filter(isVideo).length > 20, 20_000)
  expect(client.received.filter(isSound)).toEqual([])
  const metrics = await (await fetch(`${program.url}/metrics`)).text()
  expect(metrics).toContain('rpi_webrtc_camera_audio_state{camera="camera2",state="lost"} 1')
}, 60_000)

test('a viewer that offers no audio, and one of a camera without sound, get none', async () => {
  const [silent, without] = [await watch('camera1', false), await watch('camera3')]
  expect(silent.answer).not.toContain('m=audio')
  expect(without.answer).toMatch(/m=audio 9 [^]*a=inactive/)
  for (const { client } of [silent, without]) {
    await until(() => client.received.filter(isVideo).length > 20, 20_000)
    expect(client.received.filter(isSound)).toEqual([])
  }
  const config = (await (await fetch(`${program.url}/api/config`)).json()) as {
    cameras: { audio: boolean }[]
  }
  expect(config.cameras.map(({ audio }) => audio)).toEqual([true, true, false])
}, 60_000)

/** Last: it changes the file. */
test('another bitrate restarts the sound and not the picture, and no sound leaves the picture', async () => {
  const { client } = await watch('camera1')
  await until(() => client.received.filter(isSound).length >= 20, 20_000)
  const [recorder, video] = [await audioPid(), await program.capturePid(1)]
  const save = async (from: string, to: string): Promise<void> => {
    await writeFile(`${program.configPath}~`, (await readFile(program.configPath, 'utf8')).replace(from, to))
    await rename(`${program.configPath}~`, program.configPath)
  }
  await save('{ device = "test" }', '{ device = "test", bitrate = 64000 }')
  await until(async () => (await audioPid().catch(() => recorder)) !== recorder, 20_000)
  const after = client.received.length
  await until(() => client.received.slice(after).filter(isSound).length >= 50, 20_000)
  expect(new Set(sequenceSteps(client.received.filter(isSound)))).toEqual(new Set([1]))

  await save('audio = { device = "test", bitrate = 64000 }', '')
  await until(async () => (await audioPid().catch(() => undefined)) === undefined, 20_000)
  const seen = client.received.filter(isVideo).length
  await until(() => client.received.filter(isVideo).length > seen + 20, 20_000)
  expect(new Set(sequenceSteps(client.received.filter(isVideo)))).toEqual(new Set([1]))
  expect(await program.capturePid(1)).toBe(video)
  const { answer } = await watch('camera1')
  expect(answer).toMatch(/m=audio 9 [^]*a=inactive/)
}, 60_000)
