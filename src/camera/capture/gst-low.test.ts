import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { MODULE, openCaptureSockets, standInMachine } from '../../../test/fakes/capture.js'
import { exampleCamera } from '../../../test/fakes/examples.js'
import { beginsKeyframe } from '../../../test/fakes/rtp.js'
import type { CameraConfig } from '../../config/types.js'
import type { Env } from '../../lib/env.js'
import { silentLog } from '../../log.js'
import { timestampOf } from '../../rtp/packet.js'
import { writePli } from '../../rtp/rtcp/feedback.js'
import { captureCommand } from '../gstreamer/command.js'
import { probeMachine } from '../gstreamer/probe.js'
import { lowSsrc } from '../gstreamer/rtp-output.js'
import { createSocket } from 'node:dgram'
import { alwaysWanted } from './demand.js'
import { createFallback } from './fallback.js'
import { noMemory } from './fallback-memory.js'
import { createStartQueue } from './start-queue.js'
import { superviseCamera } from './supervisor.js'

const { env: standIns, has } = await standInMachine()
const SLOW = { timeout: 25_000, interval: 20 }

/** Supervises a camera with two sizes, and listens to both. */
async function start(about: Partial<CameraConfig>, env: Env = {}) {
  const config = exampleCamera({
    low: { width: 160, height: 120, fps: 10 },
    width: 320,
    height: 240,
    fps: { min: 20, max: 20 },
    keyframeInterval: 3000,
    fieldOfView: 'auto',
    ...about,
  })
  const all = { ...standIns, ...env }
  const machine = await probeMachine(all)
  const [large, small] = [await openCaptureSockets(), await openCaptureSockets()]
  const fallback = createFallback({ camera: config, machine, memory: noMemory, log: silentLog })
  const lines: string[] = []
  const supervised = superviseCamera({
    command: async () => {
      const { rung } = fallback
      const options = { camera: config, machine, env: all, debug: false, ...(rung && { rung }) }
      const command = captureCommand({ ...options, ports: large.ports, lowPorts: small.ports })
      if ('args' in command) lines.push(command.args.join(' '))
      return await Promise.resolve(command)
    },
    attempts: fallback,
    packets: large.rtp,
    startQueue: createStartQueue(),
    demand: alwaysWanted,
    log: silentLog,
    debug: false,
    onStart: () => {},
    fps: 20,
    timing: { firstPacketMs: 10_000 },
  })
  onTestFinished(async () => await supervised[Symbol.asyncDispose]())
  const timestampsOf = ({ rtp }: typeof large): number[] => [...new Set(rtp.received.map(timestampOf))]
  return { config, fallback, lines, large, small, timestampsOf }
}

describe.each(['vp8enc', 'x264enc', 'openh264enc', 'v4l2h264enc'] as const)('%s', (encoder) => {
  const codec = encoder === 'vp8enc' ? 'vp8' : 'h264'

  test.runIf(has(encoder, 'videotestsrc', 'videorate', 'videoscale'))(
    'encodes both sizes; a frame has the same timestamp in both, and each makes its own keyframes',
    { timeout: 60_000 },
    async () => {
      const { config, large, small, timestampsOf } = await start({ encoder, codec })
      await vi.waitFor(() => expect(timestampsOf(small).length).toBeGreaterThan(20), SLOW)
      const frames = timestampsOf(small).slice(0, 20)
      const inLarge = new Set(timestampsOf(large))
      expect(frames.filter((timestamp) => !inLarge.has(timestamp)).length).toBeLessThanOrEqual(2) // of a frame that the large one skipped
      const span = (frames.at(-1)! - frames[0]!) / 90_000
      expect(19 / span).toBeLessThan(12) // frames per second
      expect(small.rtp.received[0]!.readUInt32BE(8)).toBe(lowSsrc(config))
      await vi.waitFor(() => expect(small.rtcp.received.length).toBeGreaterThan(0), SLOW)
      if (encoder === 'v4l2h264enc') return // keyframes on demand depend on the release
      const keyframes = ({ rtp }: typeof large): number =>
        new Set(rtp.received.filter((packet) => beginsKeyframe(packet, codec)).map(timestampOf)).size
      const before = [keyframes(large), keyframes(small)]
      const socket = createSocket('udp4')
      const pli = writePli(1, lowSsrc(config))
      await new Promise((sent) => socket.send(pli, small.ports.feedbackPort, '127.0.0.1', sent))
      socket.close()
      await vi.waitFor(() => expect(keyframes(small)).toBe(before[1]! + 1), SLOW)
      expect(keyframes(large)).toBe(before[0])
    },
  )
})

describe.runIf(has('libcamerasrc', 'vp8enc'))('a camera module', { timeout: 60_000 }, () => {
  const vp8 = { device: MODULE, codec: 'vp8', encoder: 'auto' } as const

  test('gives the small size from its second output', async () => {
    const { fallback, lines, large, small, timestampsOf } = await start(vp8)
    await vi.waitFor(() => expect(timestampsOf(small).length).toBeGreaterThan(5), SLOW)
    expect(large.rtp.packets).toBeGreaterThan(0)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('cam.src_0 !')
    expect([fallback.rung?.low, fallback.losses]).toEqual(['second-pad', []])
  })

  test('that refuses a second output has its frames scaled, and says so', async () => {
    const { fallback, lines, small, timestampsOf } = await start(vp8, { STANDIN_REFUSE: 'second-pad' })
    await vi.waitFor(() => expect(timestampsOf(small).length).toBeGreaterThan(5), SLOW)
    expect(lines.map((line) => /second-pad|src_0|videoscale/.exec(line)![0])).toEqual(['src_0', 'videoscale'])
    expect(fallback.losses).toEqual(['the small size is scaled in software'])
  })

  test('whose second output starts and delivers nothing is scaled after two starts', async () => {
    const { fallback, small, timestampsOf } = await start(vp8, { STANDIN_SILENT: 'second-pad' })
    await vi.waitFor(() => expect(timestampsOf(small).length).toBeGreaterThan(5), {
      ...SLOW,
      timeout: 50_000,
    })
    expect(fallback.rung?.low).toBe('scaler')
  })
})

test.runIf(has('libcamerasrc', 'v4l2h264enc', 'x264enc'))(
  'a hardware encoder that refuses is not replaced before the small size is given up',
  { timeout: 60_000 },
  async () => {
    const h264 = { device: MODULE, codec: 'h264', encoder: 'auto' } as const
    const { fallback, large, lines } = await start(h264, { STANDIN_REFUSE: 'encoder' })
    await vi.waitFor(() => expect(large.rtp.packets).toBeGreaterThan(0), { ...SLOW, timeout: 50_000 })
    expect(fallback.rung).toMatchObject({ hardware: false })
    expect(lines.length).toBeGreaterThan(2)
  },
)
