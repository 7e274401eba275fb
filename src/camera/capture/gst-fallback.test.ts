import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { MODULE, openCaptureSockets, standInMachine } from '../../../test/fakes/capture.js'
import { exampleCamera } from '../../../test/fakes/examples.js'
import type { CameraConfig } from '../../config/types.js'
import type { Env } from '../../lib/env.js'
import { silentLog, type Log } from '../../log.js'
import { captureCommand } from '../gstreamer/command.js'
import { probeMachine } from '../gstreamer/probe.js'
import { alwaysWanted } from './demand.js'
import { createFallback } from './fallback.js'
import { openFallbackMemory, type FallbackMemory } from './fallback-memory.js'
import { createStartQueue } from './start-queue.js'
import { superviseCamera } from './supervisor.js'

const { env: standIns, has } = await standInMachine()

const camera = (about: Partial<CameraConfig> = {}): CameraConfig =>
  exampleCamera({ device: MODULE, codec: 'vp8', encoder: 'auto', width: 640, height: 480, ...about })

/** Supervises a camera whose drivers refuse what `env` says, with the machine as it is then probed. */
async function start(
  about: Partial<CameraConfig>,
  env: Env,
  { memory, firstPacketMs = 10_000 }: { memory?: FallbackMemory; firstPacketMs?: number } = {},
) {
  const config = camera(about)
  const all = { ...standIns, ...env }
  const machine = await probeMachine(all)
  const { rtp, ports } = await openCaptureSockets()
  const logged: string[] = []
  const log: Log = { ...silentLog, warn: (message) => void logged.push(message) }
  const fallback = createFallback({
    camera: config,
    machine,
    memory: memory ?? (await openFallbackMemory(undefined, log)),
    log,
  })
  const lines: string[] = []
  const supervised = superviseCamera({
    command: async () => {
      const { rung } = fallback
      const command = captureCommand({
        camera: config,
        ports,
        machine,
        env: all,
        debug: false,
        ...(rung && { rung }),
      })
      if ('args' in command) lines.push(command.args.join(' '))
      return await Promise.resolve(command)
    },
    attempts: fallback,
    packets: rtp,
    startQueue: createStartQueue(),
    demand: alwaysWanted,
    log: silentLog,
    debug: false,
    onStart: () => {},
    fps: 30,
    timing: { firstPacketMs },
  })
  onTestFinished(async () => await supervised[Symbol.asyncDispose]())
  const reach = async (state: string) =>
    await vi.waitFor(() => expect(supervised.status()).toMatchObject({ state }), {
      timeout: 25_000,
      interval: 20,
    })
  return { fallback, reach, logged, lines, status: () => supervised.status() }
}

describe.runIf(has('libcamerasrc', 'vp8enc'))('the field of view of an imx219', { timeout: 30_000 }, () => {
  test('libcamera 0.7.1 gets the name of the mode', async () => {
    const { fallback, reach, lines, logged } = await start({}, { STANDIN_LIBCAMERA: '0.7.1' })
    await reach('live')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('width=1640,height=1232,depth=10')
    expect(fallback.view).toMatchObject({ step: 'sensor-config', share: { width: 1 } })
    expect([fallback.losses, logged]).toEqual([[], []])
  })

  test('where it refuses the name, a second stream follows', async () => {
    const { fallback, reach, lines, logged } = await start({}, { STANDIN_REFUSE: 'sensor-config' })
    await reach('live')
    expect(lines).toHaveLength(2)
    expect(fallback.view).toMatchObject({ step: 'second-pad', share: { width: 1 } })
    expect(logged).toHaveLength(1)
  })

  test('where it refuses both, libcamera decides', async () => {
    const { fallback, reach, lines, logged } = await start({}, { STANDIN_REFUSE: 'sensor-config;second-pad' })
    await reach('live')
    expect(lines).toHaveLength(3)
    expect(lines[2]).not.toMatch(/sensor-config|src_0/)
    expect(fallback.view).toMatchObject({ step: 'plain', mode: { width: 640 } })
    expect(fallback.losses).toEqual([
      "the field of view is set by plain: the video shows 39 % of the scene's width",
    ])
    expect(logged.at(-1)).toBe(
      "the sensor mode cannot be selected; libcamera decides: the video shows 39 % of the scene's width",
    )
  })

  test('libcamera 0.0.3 gets a second stream', async () => {
    const { fallback, reach, lines } = await start({}, { STANDIN_LIBCAMERA: '0.0.3' })
    await reach('live')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('cam.src_0 ! video/x-raw,format=NV12,width=768,height=576')
    expect(fallback.view?.step).toBe('second-pad')
  })

  test('where libcamera 0.5.2 refuses the second stream, it decides', async () => {
    const { fallback, reach } = await start({}, { STANDIN_LIBCAMERA: '0.5.2', STANDIN_REFUSE: 'second-pad' })
    await reach('live')
    expect(fallback.view?.step).toBe('plain')
  })

  test('a mode with which the camera starts and delivers nothing is given up after two starts', async () => {
    const { fallback, reach, lines } = await start(
      {},
      { STANDIN_SILENT: 'sensor-config' },
      { firstPacketMs: 4000 },
    )
    await reach('live')
    expect(lines.map((line) => line.includes('sensor-config'))).toEqual([true, true, false])
    expect(fallback.view?.step).toBe('second-pad')
  })

  test('the next run of the program begins where this one ended', async () => {
    const memory = await openFallbackMemory(undefined, silentLog)
    const refusing = { STANDIN_REFUSE: 'sensor-config' }
    const first = await start({}, refusing, { memory })
    await first.reach('live')
    const next = await start({}, refusing, { memory })
    await next.reach('live')
    expect(next.lines).toHaveLength(1)
    expect(next.fallback.view?.step).toBe('second-pad')
    expect(next.fallback.losses).toHaveLength(1)
  })

  test('a missing camera gives up nothing', async () => {
    const { fallback, reach, lines, status } = await start({}, { STANDIN_CAMERAS: '' })
    await reach('lost')
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(2), { timeout: 15_000 })
    expect(status().cause).toBe('no-camera')
    expect(fallback.view?.step).toBe('sensor-config')
  })
})

describe.runIf(has('libcamerasrc', 'v4l2h264enc', 'x264enc'))('the encoder', { timeout: 30_000 }, () => {
  const h264 = { codec: 'h264', encoder: 'auto' } as const

  test('a hardware encoder that is busy is replaced by a software encoder', async () => {
    const { fallback, reach, lines } = await start(h264, { STANDIN_REFUSE: 'encoder' })
    await reach('live')
    expect(lines.map((line) => /(?:v4l2h264|x264)enc/.exec(line)![0])).toEqual(['v4l2h264enc', 'x264enc'])
    expect(fallback.view?.step).toBe('sensor-config')
    expect(fallback.losses).toEqual(['video is encoded in software'])
  })

  test('frames that it does not import are copied', async () => {
    const { fallback, reach, lines } = await start(
      { ...h264, dmabufImport: true },
      { STANDIN_REFUSE: 'dmabuf-import' },
    )
    await reach('live')
    expect(lines.map((line) => line.includes('output-io-mode=dmabuf-import'))).toEqual([true, false])
    expect(lines[1]).toContain('v4l2h264enc')
    expect(fallback.losses).toEqual(['frames are copied to the encoder'])
  })
})
