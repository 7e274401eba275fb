import { expect, onTestFinished, test, vi } from 'vitest'
import { standInMachine } from '../../../test/fakes/capture.js'
import { exampleCamera } from '../../../test/fakes/examples.js'
import { silentLog } from '../../log.js'
import { openRtpStream } from '../../rtp/stream.js'
import { captureCommand } from '../gstreamer/command.js'
import { PAYLOAD_TYPE, cameraSsrc } from '../gstreamer/rtp-output.js'
import { alwaysWanted } from './demand.js'
import { judgeStream } from './judge-stream.js'
import { createStartQueue } from './start-queue.js'
import type { Camera, CameraStatus } from './status.js'
import { superviseCamera } from './supervisor.js'

/** A USB camera with its own H.264, which is a stand-in for v4l2src: no such camera was available. */
const { machine, env, has } = await standInMachine()
const hasAll = has('v4l2src', 'h264parse', 'x264enc', 'standinh264camera')

const device = { kind: 'v4l2', path: '/dev/video0' } as const
const camera = exampleCamera({ device, codec: 'h264', format: 'h264' })

/** A stand-in with the name of an element that exists would not be found. */
const standInFor = (argument: string): string => (argument === 'v4l2src' ? 'standinh264camera' : argument)

async function start(encoder?: string) {
  const stream = await openRtpStream({
    codec: 'h264',
    expected: { ssrc: cameraSsrc(camera), payloadType: PAYLOAD_TYPE },
    preferred: { rtpPort: 0, rtcpPort: 0, feedbackPort: 0 },
    inspect: true,
    onError: () => {},
  })
  onTestFinished(async () => await stream[Symbol.asyncDispose]())
  const supervised: Camera = superviseCamera({
    command: async () => {
      const ports = await stream.portsForStart()
      const standIn = encoder === undefined ? env : { ...env, STANDIN_H264: encoder }
      const command = captureCommand({ camera, ports, machine: machine!, env: standIn, debug: false })
      return 'cause' in command ? command : { ...command, args: command.args.map(standInFor) }
    },
    packets: stream,
    verdict: () =>
      stream.facts &&
      judgeStream(stream.facts, { key: 'camera1', codec: 'h264', port: undefined }, performance.now()),
    startQueue: createStartQueue(),
    demand: alwaysWanted,
    log: silentLog,
    debug: false,
    onStart: () => stream.expectNewSender(),
    fps: 30,
  })
  onTestFinished(async () => await supervised[Symbol.asyncDispose]())
  const reach = async (expected: Partial<CameraStatus>) =>
    await vi.waitFor(() => expect(supervised.status()).toMatchObject(expected), { timeout: 40_000 })
  return { stream, supervised, reach }
}

test.runIf(hasAll)(
  "a camera's own H.264 is passed through with SPS and PPS before each keyframe",
  async () => {
    const { stream, reach, supervised } = await start()
    await reach({ state: 'live' })
    await vi.waitFor(() => expect(stream.keyframes).toBeGreaterThanOrEqual(3))
    expect(stream.facts).toMatchObject({ format: 'h264', bareKeyframeAtMs: undefined, hasBFrames: false })
    expect(stream.facts!.sps).toMatchObject({ width: 640, height: 480 })
    expect(stream.facts!.largestPacketBytes).toBeLessThanOrEqual(1200)
    expect(supervised.status().warnings).toBeUndefined()
  },
)

test.runIf(hasAll)('B-frames of a camera are refused by name', async () => {
  const { reach, supervised } = await start(
    'x264enc bframes=2 b-adapt=false key-int-max=30 speed-preset=ultrafast ! capsfilter caps=video/x-h264,profile=main',
  )
  await reach({ state: 'lost', cause: 'b-frames' })
  expect(supervised.status().hint).toContain('format = "mjpeg"')
})

test.runIf(hasAll)('a profile that browsers do not play is refused by name', async () => {
  const { reach, supervised } = await start(
    'video/x-raw,format=Y444 ! x264enc tune=zerolatency key-int-max=30',
  )
  await reach({ state: 'lost', cause: 'unsupported-profile' })
  expect(supervised.status().message).toContain('High 4:4:4 Predictive')
})

test.runIf(hasAll)('keyframes that are far apart are a warning, and no loss', async () => {
  const { reach, supervised } = await start('x264enc tune=zerolatency speed-preset=ultrafast key-int-max=330')
  await reach({ state: 'live' })
  await vi.waitFor(() => expect(supervised.status().warnings?.[0]?.cause).toBe('rare-keyframes'), {
    timeout: 30_000,
  })
  expect(supervised.status().restarts).toBe(0)
})
