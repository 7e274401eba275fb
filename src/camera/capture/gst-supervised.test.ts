import { expect, onTestFinished, test, vi } from 'vitest'
import { isAlive } from '../../../test/fakes/alive.js'
import { MODULE, prepareCapture, rarelyKeyed, standInMachine } from '../../../test/fakes/capture.js'
import type { CameraConfig } from '../../config/types.js'
import { silentLog } from '../../log.js'
import type { Env } from '../../lib/env.js'
import { alwaysWanted } from './demand.js'
import { createStartQueue } from './start-queue.js'
import type { Camera } from './status.js'
import { superviseCamera } from './supervisor.js'

const { machine, env: standIns, has } = await standInMachine()

async function supervise(camera: CameraConfig, env: Env = standIns): Promise<Camera> {
  const { rtp, command } = await prepareCapture(camera, machine!, env)
  const supervised = superviseCamera({
    command: async () => await Promise.resolve(command),
    packets: rtp,
    startQueue: createStartQueue(),
    demand: alwaysWanted,
    log: silentLog,
    debug: false,
    onStart: () => {},
    fps: 30,
  })
  onTestFinished(async () => await supervised[Symbol.asyncDispose]())
  return supervised
}

const becomes = async (camera: Camera, state: string, timeout = 6000) =>
  await vi.waitFor(() => expect(camera.status().state).toBe(state), { timeout, interval: 5 })

test.runIf(has('vp8enc'))('a stopped and then a killed gst-launch-1.0 are restarted', async () => {
  const camera = await supervise(rarelyKeyed('vp8enc'))
  await becomes(camera, 'live')
  const stopped = camera.pid!
  process.kill(stopped, 'SIGSTOP')
  await becomes(camera, 'lost')
  expect(camera.status().cause).toBe('frozen')
  await becomes(camera, 'live')
  expect(isAlive(stopped)).toBe(false)
  process.kill(camera.pid!, 'SIGKILL')
  await becomes(camera, 'lost')
  expect(camera.status().cause).toBe('crashed')
  await becomes(camera, 'live')
  const last = camera.pid!
  await camera[Symbol.asyncDispose]()
  expect(isAlive(last)).toBe(false)
})

test.runIf(has('libcamerasrc', 'vp8enc'))('a machine without a camera is reported as no-camera', async () => {
  const camera = await supervise(rarelyKeyed('vp8enc', { device: MODULE }), {
    ...standIns,
    STANDIN_CAMERAS: '',
  })
  await becomes(camera, 'lost')
  expect(camera.status().cause).toBe('no-camera')
})

test.runIf(has('libcamerasrc', 'vp8enc'))(
  'a camera name that does not exist is reported as unknown-camera',
  async () => {
    const device = { kind: 'libcamera', name: 'it\'s a "camera" ! \\ named so' } as const
    const camera = await supervise(rarelyKeyed('vp8enc', { device }))
    await becomes(camera, 'lost')
    expect(camera.status()).toMatchObject({
      cause: 'unknown-camera',
      message: expect.stringContaining(device.name) as string,
    })
  },
)

test.runIf(has('videotestsrc', 'vp8enc'))(
  'a test pattern that does not exist is reported as bad-property',
  async () => {
    const camera = await supervise(rarelyKeyed('vp8enc', { device: { kind: 'test', pattern: 'zippy' } }))
    await becomes(camera, 'lost')
    expect(camera.status().cause).toBe('bad-property')
  },
)
