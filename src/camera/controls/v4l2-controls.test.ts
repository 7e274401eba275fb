import { expect, test, vi } from 'vitest'
import { exampleCamera } from '../../../test/fakes/examples.js'
import type { Log } from '../../log.js'
import { createV4l2Controls } from './v4l2-controls.js'
import { parseV4l2Controls } from './v4l2-list.js'

const LIST = `
Codec Controls

                force_key_frame 0x009909e5 (button) : flags=write-only, execute-on-write
             video_bitrate_mode 0x009909ce (menu)   : min=0 max=1 default=0 value=0
`

function camera(format: 'auto' | 'h264', { list = LIST, problem }: { list?: string; problem?: string } = {}) {
  const set = vi.fn<(name: string, value: number) => Promise<string | undefined>>().mockResolvedValue(problem)
  const warn = vi.fn<Log['warn']>()
  const nothing = (): void => {}
  const config = exampleCamera({ device: { kind: 'v4l2', path: '/dev/video0' }, format })
  const controls = createV4l2Controls({
    config: () => config,
    device: { list: async () => await Promise.resolve(parseV4l2Controls(list)), set },
    log: { debug: nothing, info: nothing, warn, error: nothing },
  })
  return { controls, set, warn }
}

test('an encoder in the camera is asked for a keyframe, once at a time', async () => {
  const { controls, set } = camera('h264')
  expect(controls.canRequestKeyframe).toBe(false)
  await controls.delivering()
  expect(controls.canRequestKeyframe).toBe(true)
  for (let i = 0; i < 3; i++) controls.requestKeyframe()
  await controls.settled()
  expect(set.mock.calls).toEqual([['force_key_frame', 1]])
  controls.requestKeyframe()
  await controls.settled()
  expect(set).toHaveBeenCalledTimes(2)
})

test('a camera that refuses is not asked again until it starts again', async () => {
  const { controls, set, warn } = camera('h264', { problem: 'Input/output error' })
  await controls.delivering()
  controls.requestKeyframe()
  await controls.settled()
  controls.requestKeyframe()
  expect([controls.canRequestKeyframe, set.mock.calls.length, warn.mock.calls.length]).toEqual([false, 1, 1])
  await controls.delivering()
  expect(controls.canRequestKeyframe).toBe(true)
})

test.each([
  ['whose frames this program encodes', 'auto', LIST],
  ['without that control', 'h264', ''],
] as const)('a camera %s is not asked', async (_what, format, list) => {
  const { controls, set } = camera(format, { list })
  await controls.delivering()
  controls.requestKeyframe()
  await controls.settled()
  expect([controls.canRequestKeyframe, set.mock.calls.length]).toEqual([false, 0])
})
