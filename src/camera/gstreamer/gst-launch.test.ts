import { createSocket } from 'node:dgram'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { MODULE, prepareCapture, rarelyKeyed, standInMachine } from '../../../test/fakes/capture.js'
import { beginsKeyframe } from '../../../test/fakes/rtp.js'
import { timestampOf } from '../../rtp/packet.js'
import { writePli } from '../../rtp/rtcp/feedback.js'
import type { CameraConfig } from '../../config/types.js'
import type { Env } from '../../lib/env.js'
import { explainFailure } from '../capture/explain-failure.js'
import type { Machine } from './machine.js'
import { PAYLOAD_TYPE, cameraSsrc } from './rtp-output.js'
import { spawnChild } from '../capture/spawn.js'

const { machine, env: standIns, has } = await standInMachine()

async function capture(camera: CameraConfig, env: Env = standIns, on: Machine = machine!) {
  const { rtp, rtcp, feedbackPort, command } = await prepareCapture(camera, on, env)
  const child = spawnChild(command)
  onTestFinished(() => child.kill('SIGKILL'))
  const keyframes = () =>
    new Set(rtp.received.filter((packet) => beginsKeyframe(packet, camera.codec)).map(timestampOf)).size
  const frames = () => new Set(rtp.received.map(timestampOf)).size
  const requestKeyframe = async () => {
    const socket = createSocket('udp4')
    await new Promise((sent) => socket.send(writePli(1, cameraSsrc(camera)), feedbackPort, '127.0.0.1', sent))
    socket.close()
  }
  const reach = async (count: number) =>
    await vi.waitFor(() => expect(frames(), child.stderr().join('\n')).toBeGreaterThanOrEqual(count), {
      timeout: 8000,
      interval: 20,
    })
  return { command, child, rtp, rtcp, keyframes, frames, requestKeyframe, reach }
}

const lines: [name: string, camera: CameraConfig][] = [
  ['x264enc, test pattern', rarelyKeyed('x264enc')],
  ['openh264enc, test pattern', rarelyKeyed('openh264enc')],
  ['vp8enc, test pattern', rarelyKeyed('vp8enc')],
  ['v4l2h264enc, test pattern', rarelyKeyed('v4l2h264enc')],
  ['v4l2h264enc, camera module', rarelyKeyed('v4l2h264enc', { device: MODULE, width: 1280, height: 720 })],
  [
    'v4l2h264enc, camera module turned',
    rarelyKeyed('v4l2h264enc', { device: MODULE, flipMethod: 'clockwise' }),
  ],
  ['x264enc, camera module', rarelyKeyed('x264enc', { device: MODULE })],
  ['vp8enc, camera module turned', rarelyKeyed('vp8enc', { device: MODULE, flipMethod: 'vertical-flip' })],
]

describe.each(lines)('%s', (_, camera) => {
  const sources = camera.device.kind === 'libcamera' ? ['libcamerasrc'] : ['videotestsrc']
  test.runIf(has(camera.encoder, ...sources))(
    'sends our packets, makes a keyframe on request, and reports capture time',
    async () => {
      const keyed: Machine = { ...machine!, gstreamer: '1.26.0' } // the stand-in obeys PLI
      const { rtp, rtcp, keyframes, requestKeyframe, reach } = await capture(camera, standIns, keyed)
      await reach(10)
      const packet = rtp.received[0]!
      expect(packet[1]! & 0x7f).toBe(PAYLOAD_TYPE)
      expect(packet.readUInt32BE(8)).toBe(cameraSsrc(camera))
      expect(Math.max(...rtp.received.map(({ length }) => length))).toBeLessThanOrEqual(1200)
      expect(keyframes()).toBe(1)
      await requestKeyframe()
      await vi.waitFor(() => expect(keyframes()).toBe(2), { interval: 10 })
      await vi.waitFor(() => expect(rtcp.received.length).toBeGreaterThan(0), { interval: 10 })
      const report = rtcp.received.at(-1)!
      expect(report[1]).toBe(200) // sender report, RFC 3550 §6.4.1
      expect(
        Math.abs(report.readUInt32BE(8) - Number(process.hrtime.bigint() / 1_000_000_000n)),
      ).toBeLessThan(3)
    },
  )
})

const usb = { kind: 'v4l2', path: '/dev/video99' } as const
const usbLines = (['v4l2h264enc', 'x264enc', 'openh264enc', 'vp8enc'] as const).flatMap((encoder) =>
  (['raw', 'mjpeg'] as const).map((format) => [encoder, format] as const),
)

describe.each(usbLines)('%s, %s USB camera', (encoder, format) => {
  test.runIf(has(encoder, 'v4l2src', 'jpegdec'))(
    'GStreamer accepts the pipeline, and lacks only the device',
    async () => {
      const { command } = await prepareCapture(
        rarelyKeyed(encoder, { device: usb, format, flipMethod: 'auto' }),
        machine!,
        standIns,
      )
      const child = spawnChild(command)
      onTestFinished(() => child.kill('SIGKILL'))
      expect(explainFailure(await child.ended)).toMatchObject({
        cause: 'no-device',
        message: 'There is no /dev/video99.',
      })
    },
  )
})

describe.each(['x264enc', 'vp8enc'] as const)('%s', (encoder) => {
  test.runIf(has(encoder))('uses two threads on four cores', async () => {
    const roomy: Machine = { ...machine!, cores: 4, model: undefined }
    const { reach, command } = await capture(rarelyKeyed(encoder), standIns, roomy)
    expect(command.args).toContain('threads=2')
    await reach(3)
  })
})

test.runIf(has('v4l2h264enc'))(
  'a v4l2h264enc that ignores requests makes a keyframe every second',
  async () => {
    const bookworm: Machine = { ...machine!, gstreamer: '1.22.0' }
    const ignoring = { ...standIns, STANDIN_IGNORE_PLI: '1' }
    const { keyframes, frames, requestKeyframe, reach } = await capture(
      rarelyKeyed('v4l2h264enc'),
      ignoring,
      bookworm,
    )
    await reach(5)
    await requestKeyframe()
    await reach(20)
    expect(keyframes()).toBe(1)
    await reach(35)
    expect(keyframes()).toBe(Math.ceil(frames() / 30))
  },
)
