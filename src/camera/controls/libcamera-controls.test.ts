import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../../test/fakes/examples.js'
import type { CameraConfig, Controls } from '../../config/types.js'
import { AppError } from '../../errors.js'
import { createLibcameraControls, type LibcameraControls } from './libcamera-controls.js'

const PROPERTIES =
  'camera-name af-mode brightness contrast saturation sharpness ae-exposure-mode exposure-time exposure-time-mode ' +
  'analogue-gain analogue-gain-mode exposure-value ae-metering-mode awb-mode awb-enable colour-gains lens-position ' +
  'af-range af-speed af-windows af-metering scaler-crop'

interface State {
  state: 'live' | 'lost'
  cause?: string
  message?: string
}

/** A camera that starts with every control but those of `fails`. */
function moduleWith(controls: Controls, fails: (controls: Controls) => string | undefined = () => undefined) {
  let config: CameraConfig = exampleCamera({
    device: { kind: 'libcamera', name: '/base/soc/i2c@1/imx708@1a' },
    controls,
  })
  const listeners = new Set<(status: State) => void>()
  let state: State = { state: 'live' }
  let watchers = 0
  const started: Controls[] = []
  const report = (next: State): void => {
    state = next
    for (const listener of [...listeners]) listener(next)
  }
  const parts: { controls?: LibcameraControls } = {}
  const restart = (): boolean => {
    queueMicrotask(() => {
      report({ state: 'lost', cause: 'requested' })
      const used = parts.controls!.forStart()
      started.push(used)
      const failure = fails(used)
      if (failure === undefined) report({ state: 'live' })
      else report({ state: 'lost', cause: failure, message: `It fails: ${failure}.` })
    })
    return true
  }
  parts.controls = createLibcameraControls({
    config: () => config,
    machine: () => exampleMachine({ libcamerasrcProperties: new Set(PROPERTIES.split(' ')) }),
    camera: {
      status: () => state,
      onStatus: (listener) => {
        listeners.add(listener)
        return { [Symbol.dispose]: () => void listeners.delete(listener) }
      },
      restart,
    },
    demand: {
      watch: () => {
        watchers++
        return {
          [Symbol.dispose]: () => {
            watchers--
          },
        }
      },
    },
    timing: { mergeMs: 5, startMs: 50 },
  })
  return {
    part: parts.controls,
    started,
    listeners,
    watchers: () => watchers,
    reload: (next: Controls) => {
      const before = config.controls
      config = { ...config, controls: next }
      parts.controls!.reloaded(before, next)
    },
  }
}

const codeOf = async (work: Promise<void>): Promise<string> =>
  await work.then(
    () => 'done',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  )

test('changes within a moment are one start with all of them', async () => {
  const { part, started, listeners, watchers } = moduleWith({ contrast: 2 })
  await Promise.all([part.change({ brightness: 0.5 }), part.change({ contrast: null, sharpness: 1.5 })])
  expect(started).toEqual([{ brightness: 0.5, sharpness: 1.5 }])
  expect(part.inForce).toEqual({ brightness: 0.5, sharpness: 1.5 })
  expect(part.isUnsaved).toBe(true)
  expect([listeners.size, watchers()]).toEqual([0, 0])
})

test('a change with which the camera fails is undone for every request', async () => {
  const { part, started } = moduleWith({ contrast: 2 }, ({ sharpness }) =>
    sharpness === undefined ? undefined : 'camera-start',
  )
  const codes = await Promise.all([
    codeOf(part.change({ brightness: 0.5 })),
    codeOf(part.change({ sharpness: 9 })),
  ])
  expect(codes).toEqual(['control-rejected', 'control-rejected'])
  expect(started).toEqual([{ brightness: 0.5, contrast: 2, sharpness: 9 }, { contrast: 2 }])
  expect([part.inForce, part.isUnsaved]).toEqual([{ contrast: 2 }, false])
})

test('a change that fails does not undo a table that was edited at the same time', async () => {
  const { part, started, reload } = moduleWith({ contrast: 2 }, ({ sharpness }) => {
    if (sharpness === undefined) return undefined
    reload({ contrast: 3 })
    return 'camera-start'
  })
  expect(await codeOf(part.change({ sharpness: 9 }))).toBe('control-rejected')
  expect(started.at(-1)).toEqual({ contrast: 3 })
  expect([part.inForce, part.isUnsaved]).toEqual([{ contrast: 3 }, false])
})

test('a change with which the camera stays silent is undone after its start time', async () => {
  const { part } = moduleWith({}, ({ zoom }) => (zoom === undefined ? undefined : 'camera-busy'))
  await expect(part.change({ zoom: [0, 0, 0.5, 0.5] })).rejects.toThrow(
    'The camera delivers no video with this change. The previous values are in force again.',
  )
  expect(part.inForce).toEqual({})
})

test('an invalid change is rejected before anything starts', async () => {
  const { part, started } = moduleWith({})
  expect(await codeOf(part.change({ brightness: 5 }))).toBe('invalid-control')
  expect(await codeOf(part.change({ 'exposure-time-us': 50_000 }))).toBe('invalid-control')
  expect(await codeOf(part.change({ constructor: null as never }))).toBe('invalid-control')
  expect(await codeOf(part.change({ autofocus: 'manual' }))).toBe('control-rejected')
  expect(started).toEqual([])
})

test('a reload keeps unsaved changes while the table of the file stays the same', async () => {
  const { part, reload } = moduleWith({ contrast: 2 })
  await part.change({ brightness: 0.5 })
  reload({ contrast: 2 })
  expect(part.inForce).toEqual({ brightness: 0.5, contrast: 2 })
  reload({ brightness: 0.5, contrast: 2 })
  expect(part.isUnsaved).toBe(false)
  reload({ contrast: 3 })
  expect(part.inForce).toEqual({ contrast: 3 })
})

test('controls without effect are described as inactive', async () => {
  const { part } = moduleWith({
    'lens-position': 1,
    'exposure-time-us': 100,
    'analogue-gain': 2,
    metering: 'spot',
  })
  const { controls } = await part.describe()
  expect(controls.filter(({ inactive }) => inactive).map(({ name }) => name)).toEqual([
    'exposure',
    'exposure-value',
    'metering',
    'autofocus-range',
    'autofocus-speed',
    'autofocus-window',
  ])
  expect(controls.find(({ name }) => name === 'exposure-time-us')).toMatchObject({ max: 33_333, value: 100 })
  expect(part.notes).toEqual([
    'metering: It has no effect while exposure-time-us and analogue-gain are both fixed.',
  ])
})
