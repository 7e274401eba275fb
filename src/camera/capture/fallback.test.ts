import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../../test/fakes/examples.js'
import { silentLog, type Log } from '../../log.js'
import type { CameraConfig } from '../../config/types.js'
import { createFallback } from './fallback.js'
import { noMemory, openFallbackMemory } from './fallback-memory.js'

const USB = exampleCamera({ device: { kind: 'v4l2', path: '/dev/video0' }, width: 800, height: 600 })
const MODULE_NAME = '/base/soc/i2c0mux/i2c@1/imx219@10'
const MODULE = exampleCamera({
  device: { kind: 'libcamera', name: MODULE_NAME },
  width: 640,
  height: 480,
})
const NEW = exampleMachine({ libcamerasrcProperties: new Set(['sensor-config']), libcamera: '0.7.1' })
const KEY = { libcamera: '0.7.1', gstreamer: '1.26.2', settings: '640x480@30 h264 auto full' }
const refused = { cause: 'not-negotiated', message: '', hint: '' }

function fallbackOf(camera: CameraConfig, about: Partial<Parameters<typeof createFallback>[0]> = {}) {
  const logged: string[] = []
  const log: Log = { ...silentLog, warn: (message) => void logged.push(message) }
  const fallback = createFallback({ camera, machine: NEW, memory: noMemory, log, ...about })
  return { fallback, logged }
}

test('a size that a USB camera refuses is replaced once its sizes are known', () => {
  let sizes = [] as { width: number; height: number }[]
  const { fallback, logged } = fallbackOf(USB, {
    machine: exampleMachine({ without: ['v4l2h264enc'] }),
    sizes: () => sizes,
  })
  expect(fallback.failed(refused, [])).toBe(false)
  sizes = [{ width: 640, height: 480 }]
  expect(fallback.failed(refused, [])).toBe(true)
  expect(fallback.rung?.size).toEqual({ width: 640, height: 480 })
  expect(logged).toEqual(['the configured size is refused; trying 640x480'])
  expect(fallback.losses).toEqual(['the video has 640x480'])
})

test('what is lost is logged once, however often the ladder begins again', () => {
  const { fallback, logged } = fallbackOf(MODULE, { machine: { ...NEW, elements: new Set(['x264enc']) } })
  for (let time = 0; time < 9; time++) fallback.failed(refused, [])
  expect(logged).toHaveLength(2)
})

test('a configuration that is refused has nothing to fall back from', () => {
  const camera = { ...MODULE, fieldOfView: { width: 1, height: 1 } }
  const { fallback } = fallbackOf(camera)
  expect(fallback.rung).toBeUndefined()
  expect(fallback.failed(refused, [])).toBe(false)
})

test('the first rung that delivers again is remembered no longer', async () => {
  const memory = await openFallbackMemory(undefined, silentLog)
  const first = fallbackOf(MODULE, { memory }).fallback
  first.failed(refused, [])
  first.delivered()
  const second = fallbackOf(MODULE, { memory }).fallback
  expect(second.rung?.view).toBe('second-pad')
  for (let time = 0; time < 9 && second.rung?.view !== 'sensor-config'; time++) second.failed(refused, [])
  second.delivered()
  expect(fallbackOf(MODULE, { memory }).fallback.rung?.view).toBe('sensor-config')
})

test('a remembered rung that this machine does not have is ignored', async () => {
  const memory = await openFallbackMemory(undefined, silentLog)
  const first = fallbackOf(MODULE, { memory }).fallback
  first.failed(refused, [])
  first.delivered()
  const unknown = { kind: 'libcamera', name: 'unknown@10' } as const
  const recalling = { ...memory, recall: () => memory.recall({ ...KEY, camera: MODULE_NAME }) }
  expect(recalling.recall()?.rung.view).toBe('second-pad')
  const { fallback } = fallbackOf({ ...MODULE, device: unknown }, { memory: recalling })
  expect(fallback.rung?.view).toBe('plain')
})

test('a small size that does not start is given up, which is said and remembered', async () => {
  const memory = await openFallbackMemory(undefined, silentLog)
  const camera = { ...USB, low: { width: 320, height: 240, fps: 15 } }
  const machine = exampleMachine({ without: ['v4l2h264enc'] })
  const { fallback, logged } = fallbackOf(camera, { memory, machine })
  expect(fallback.rung?.low).toBe('scaler')
  fallback.failed(refused, [])
  expect(fallback.rung?.low).toBe('off')
  expect(logged).toEqual(['trying without the small size'])
  expect(fallback.losses).toEqual(['the camera has no small size'])
  fallback.delivered()
  expect(fallbackOf(camera, { memory, machine }).fallback.rung?.low).toBe('off')
  // Another size is tried.
  const other = { ...camera, low: { width: 160, height: 120, fps: 15 } }
  expect(fallbackOf(other, { memory, machine }).fallback.rung?.low).toBe('scaler')
})
