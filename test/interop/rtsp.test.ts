import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { PASSWORD, USERNAME } from '../support/access.js'
import { startProgram, until, type Program } from '../support/program.js'

/** Players and recorders that others wrote, as readers of RTSP: each has to decode whole frames without an error. */

const run = promisify(execFile)
const FRAMES = 45
const SIZE = { width: 320, height: 240 }
const OF_CODEC = { h264: 'camera1', vp8: 'camera2' } as const
type Codec = keyof typeof OF_CODEC

let program: Program
let port: number
beforeAll(async () => {
  const camera = (number: number, codec: Codec): string =>
    `[camera${number}]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nwebrtc-port = $PORT${number}\ncodec = "${codec}"\n`
  program = await startProgram({
    tables: `username = "${USERNAME}"\npassword = "${PASSWORD}"\n${camera(1, 'h264')}${camera(2, 'vp8')}
[video]\nkeyframe-interval = 30\n[webrtc]\nudp-port = $UDP\nmax-clients = 12\n[rtsp]\nport = $RTSP\n`,
  })
  port = program.rtspPort
  for (const key of Object.values(OF_CODEC))
    await until(() => program.output().includes(`${key}: the camera delivers`), 20_000)
})
afterAll(async () => await program[Symbol.asyncDispose]())

const urlOf = (codec: Codec): string =>
  `rtsp://${USERNAME}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${OF_CODEC[codec]}`

const limited = { timeout: 50_000, maxBuffer: 1 << 24 }
const ffmpeg = async (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
  await run('ffmpeg', ['-hide_banner', '-nostdin', '-loglevel', 'error', ...args], limited)

const COMBINATIONS = (['h264', 'vp8'] as const).flatMap((codec) =>
  (['tcp', 'udp'] as const).map((transport) => [codec, transport] as const),
)

test.each(COMBINATIONS)('ffprobe recognises %s over %s', async (codec, transport) => {
  const entries = ['-show_entries', 'stream=codec_name,width,height', '-of', 'json']
  const args = ['-loglevel', 'error', '-rtsp_transport', transport, ...entries, urlOf(codec)]
  const { stdout, stderr } = await run('ffprobe', args, limited)
  expect(stderr).toBe('')
  const { streams } = JSON.parse(stdout) as { streams: object[] }
  expect(streams).toEqual([{ codec_name: codec, ...SIZE }])
})

test.each(COMBINATIONS)('ffmpeg decodes %s over %s', async (codec, transport) => {
  const input = ['-rtsp_transport', transport, '-i', urlOf(codec)]
  const { stdout, stderr } = await ffmpeg(...input, '-frames:v', String(FRAMES), '-f', 'framecrc', '-')
  expect(stderr).toBe('')
  expect(stdout).toContain('#dimensions 0: 320x240')
  const frames = stdout.split('\n').filter((line) => /^0,/.test(line))
  expect(frames).toHaveLength(FRAMES)
  // The ball moves: these are not one frame again and again.
  expect(new Set(frames.map((line) => line.split(',').at(-1))).size).toBeGreaterThan(FRAMES / 2)
})

test.each(COMBINATIONS)('rtspsrc of GStreamer decodes %s over %s', async (codec, transport) => {
  const source = ['rtspsrc', `location=rtsp://127.0.0.1:${port}/${OF_CODEC[codec]}`, 'latency=100']
  const login = [`user-id=${USERNAME}`, `user-pw=${PASSWORD}`, `protocols=${transport}`]
  const counted = ['identity', `eos-after=${FRAMES}`, 'silent=false', '!', 'fakesink', 'sync=false']
  const { stdout, stderr } = await run(
    'gst-launch-1.0',
    ['-v', ...source, ...login, '!', 'decodebin', '!', ...counted],
    limited,
  )
  expect(stderr).not.toMatch(/ERROR|WARNING/)
  expect(stdout).toMatch(/video\/x-raw.*width=\(int\)320, height=\(int\)240/)
  // The frame that ends the stream is not passed on.
  expect(stdout.match(/last-message = chain/g)!.length).toBeGreaterThanOrEqual(FRAMES - 1)
})

test.each([
  ['h264', 'mp4'],
  ['vp8', 'webm'],
] as const)(
  'ffmpeg records %s in segments, without encoding, and each of them plays',
  async (codec, extension) => {
    const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-rtsp-'))
    onTestFinished(async () => await rm(folder, { recursive: true }))
    const segments = ['-f', 'segment', '-segment_time', '2', '-reset_timestamps', '1']
    const target = join(folder, `%03d.${extension}`)
    await ffmpeg('-rtsp_transport', 'tcp', '-i', urlOf(codec), '-t', '7', '-c', 'copy', ...segments, target)
    const files = (await readdir(folder)).sort()
    expect(files.length).toBeGreaterThanOrEqual(3)
    let frames = 0
    for (const file of files) {
      const { stdout, stderr } = await ffmpeg('-i', join(folder, file), '-f', 'framecrc', '-')
      expect(stderr).toBe('')
      const own = stdout.split('\n').filter((line) => /^0,/.test(line)).length
      expect(own).toBeGreaterThan(0)
      frames += own
    }
    expect(frames).toBeGreaterThan(150)
  },
)

test('ffmpeg reads on when the capture process is killed', async () => {
  const args = ['-rtsp_transport', 'tcp', '-i', urlOf('h264'), '-frames:v', '200', '-f', 'framecrc', '-']
  const reader = spawn('ffmpeg', ['-hide_banner', '-nostdin', '-loglevel', 'error', ...args])
  const exit = once(reader, 'exit')
  onTestFinished(() => void reader.kill('SIGKILL'))
  let stdout = ''
  reader.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  const frames = (): number => stdout.split('\n').filter((line) => /^0,/.test(line)).length
  await until(() => frames() > 20, 20_000)
  process.kill(await program.capturePid(1), 'SIGKILL')
  expect(await exit).toEqual([0, null])
  expect(frames()).toBe(200)
})
