import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { execFileSync } from 'node:child_process'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { freePorts, startProgram, type Program } from '../support/program.js'
import { RtpSender, type StreamKind } from '../support/rtp-sender.js'

/** The built program, and what its users see of a stream that another program sends: /health, the log, and what the page gets. */
async function startWith(codec: 'vp8' | 'h264'): Promise<{ program: Program; rtpPort: number }> {
  const [rtpPort] = await freePorts(1)
  const program = await startProgram({
    tables: `[camera1]\ndevice = "rtp://127.0.0.1:${rtpPort}"\nwebrtc-port = $PORT1\ncodec = "${codec}"\n[webrtc]\nudp-port = $UDP\n`,
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return { program, rtpPort: rtpPort! }
}

interface CameraMessage {
  state: string
  cause?: string
  message?: string
  hint?: string
  warnings?: { cause: string }[]
}

/** What the page of the camera was told last. */
async function watchPage(program: Program): Promise<() => CameraMessage | undefined> {
  const socket = new WebSocket(`ws://127.0.0.1:${program.webPort}/camera1/ws`)
  let last: CameraMessage | undefined
  socket.on('message', (data: Buffer) => {
    const { camera } = JSON.parse(data.toString()) as { camera?: CameraMessage }
    last = camera ?? last
  })
  await once(socket, 'open')
  onTestFinished(() => socket.terminate())
  return () => last
}

const health = async (program: Program) => {
  const response = await fetch(`${program.url}/health`)
  const { cameras } = (await response.json()) as { cameras: Record<string, CameraMessage> }
  return { status: response.status, camera: cameras['camera1']! }
}

async function send(port: number, kind: StreamKind): Promise<RtpSender> {
  const sender = await RtpSender.start(port, kind)
  onTestFinished(async () => await sender[Symbol.asyncDispose]())
  return sender
}

test('a stream that no viewer can decode is 503 with its cause, on the page, in /health and in the log, until it is right', async () => {
  const { program, rtpPort } = await startWith('h264')
  const page = await watchPage(program)
  const sender = await send(rtpPort, 'h264-no-sps')
  await vi.waitFor(async () => expect((await health(program)).camera.cause).toBe('no-parameter-sets'))
  const { status, camera } = await health(program)
  expect(status).toBe(503)
  expect(camera.hint).toContain('-bsf:v dump_extra')
  expect(page()).toMatchObject({
    state: 'lost',
    cause: camera.cause,
    message: camera.message,
    hint: camera.hint,
  })
  expect(program.output()).toContain(camera.message)
  expect(program.output()).toContain('dump_extra')
  expect(program.output()).not.toContain('the camera delivers video')
  sender.become('h264')
  await vi.waitFor(async () =>
    expect(await health(program)).toMatchObject({ status: 200, camera: { state: 'live' } }),
  )
  expect(page()?.state).toBe('live')
  await vi.waitFor(() => expect(program.output()).toContain('the camera delivers video'))
})

test('a flaw is a warning of a live camera: 200, on the page and in the log', async () => {
  const { program, rtpPort } = await startWith('h264')
  const page = await watchPage(program)
  await send(rtpPort, 'h264-big')
  await vi.waitFor(() => expect(page()?.warnings?.[0]?.cause).toBe('large-packets'))
  expect(await health(program)).toMatchObject({
    status: 200,
    camera: { state: 'live', warnings: [{ cause: 'large-packets' }] },
  })
  expect(program.output().split('up to 1472 bytes')).toHaveLength(2)
})

const elements = new Set(
  execFileSync('gst-inspect-1.0', ['--no-colors'], { encoding: 'utf8', maxBuffer: 8 << 20 }).match(
    /(?<=: {2})[\w-]+(?=:)/g,
  ),
)
const x264 = 'x264enc speed-preset=ultrafast threads=1 bitrate=800 key-int-max=30'

describe('what real encoders send', () => {
  test.each<[string, 'vp8' | 'h264', string, string | undefined, string | undefined]>([
    [
      'x264 as documented',
      'h264',
      `${x264} tune=zerolatency ! rtph264pay config-interval=-1 mtu=1200`,
      undefined,
      undefined,
    ],
    ['VP8', 'vp8', 'vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay mtu=1200', undefined, undefined],
    [
      'x264 with B-frames',
      'h264',
      `${x264} bframes=2 b-adapt=false ! rtph264pay config-interval=-1 mtu=1200`,
      undefined,
      'b-frames',
    ],
    [
      'x264 with the default packets',
      'h264',
      `${x264} tune=zerolatency ! rtph264pay config-interval=-1`,
      undefined,
      'large-packets',
    ],
    [
      'x264 with 4:4:4',
      'h264',
      `videoconvert ! video/x-raw,format=Y444 ! ${x264} tune=zerolatency ! rtph264pay config-interval=-1`,
      'unsupported-profile',
      undefined,
    ],
    [
      'x265',
      'h264',
      'x265enc speed-preset=ultrafast tune=zerolatency key-int-max=30 ! rtph265pay config-interval=-1',
      'h265',
      undefined,
    ],
    [
      'VP9 to a VP8 camera',
      'vp8',
      'vp9enc deadline=1 cpu-used=8 keyframe-max-dist=30 ! rtpvp9pay',
      'wrong-codec',
      undefined,
    ],
    [
      'VP8 to an H.264 camera',
      'h264',
      'vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay',
      'wrong-codec',
      undefined,
    ],
    [
      'H.264 to a VP8 camera',
      'vp8',
      `${x264} tune=zerolatency ! rtph264pay config-interval=-1`,
      'wrong-codec',
      undefined,
    ],
    [
      'an MPEG transport stream',
      'h264',
      `${x264} tune=zerolatency ! mpegtsmux ! rtpmp2tpay`,
      'mpeg-ts',
      undefined,
    ],
    [
      'an MPEG transport stream without RTP',
      'h264',
      `${x264} tune=zerolatency ! mpegtsmux alignment=7`,
      'mpeg-ts',
      undefined,
    ],
    ['JPEG', 'h264', 'jpegenc ! rtpjpegpay', 'wrong-codec', undefined],
  ])('%s', async (_title, codec, branch, cause, warning) => {
    const needed = branch
      .split(' ! ')
      .map((element) => element.split(' ')[0]!)
      .filter((name) => !name.includes('/'))
    expect(
      needed.filter((name) => !elements.has(name)),
      'elements that are missing: npm run setup',
    ).toEqual([])
    const { program, rtpPort } = await startWith(codec)
    const line = `videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=640,height=480,framerate=30/1 ! ${branch} ! udpsink host=127.0.0.1 port=${rtpPort} sync=false`
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', '--', 'gst-launch-1.0', '-q', ...line.split(' ')],
      { stdio: 'ignore' },
    )
    onTestFinished(() => void child.kill('SIGKILL'))
    await vi.waitFor(
      async () => {
        const { status, camera } = await health(program)
        const seen = {
          status,
          state: camera.state,
          cause: camera.cause,
          warnings: camera.warnings?.map((w) => w.cause),
        }
        expect(seen).toEqual({
          status: cause === undefined ? 200 : 503,
          state: cause === undefined ? 'live' : 'lost',
          cause,
          warnings: warning === undefined ? undefined : [warning],
        })
      },
      { timeout: 40_000, interval: 100 },
    )
    expect(program.output()).toContain(cause ?? warning ?? 'the camera delivers video')
  })
})
