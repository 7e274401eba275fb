import { expect, test } from 'vitest'
import type { CameraFailure } from '../camera-failure.js'
import type { CameraList } from './discover.js'
import { createFailureFacts, type FailedCamera } from './failure-facts.js'

const LIST: CameraList = {
  cameras: [
    { kind: 'libcamera', device: '/base/a "b"', name: 'imx219' },
    {
      kind: 'v4l2',
      device: '/dev/v4l/by-path/vivid-video-index0',
      name: 'vivid',
      node: '/dev/video3',
      modes: [
        { width: 640, height: 480, rates: [25, 10], format: 'raw' },
        { width: 1280, height: 720, rates: [12.5], format: 'raw' },
      ],
    },
  ],
  notes: [],
  refused: [
    {
      node: '/dev/video5',
      name: 'vivid',
      why: 'metadata',
      detail: 'carries metadata',
      hint: 'Write another',
      picture: '/dev/video3',
    },
    { node: '/dev/video7', name: 'codec', why: 'codec', detail: 'is a video codec', hint: 'List them' },
  ],
}
const failure = (cause: string): CameraFailure => ({ cause, message: 'It failed.', hint: 'Try something.' })
const v4l2 = (path: string, fps = 30, encoder?: string): FailedCamera => ({
  device: { kind: 'v4l2', path },
  wanted: { width: 640, height: 480, fps: { min: fps, max: fps }, format: 'raw' },
  encoder,
})
const MODULE: FailedCamera = { ...v4l2(''), device: { kind: 'libcamera', name: '/base/gone' } }
const LINK = '/dev/v4l/by-path/vivid-video-index0'

const explained = async (
  cause: string,
  camera: FailedCamera | undefined,
  list = LIST,
): Promise<CameraFailure> =>
  await createFailureFacts({
    camera: () => camera,
    list: async () => await Promise.resolve(list),
    resolve: async (path) => await Promise.resolve(path === LINK ? '/dev/video3' : path),
  })(failure(cause))

test.each([
  [
    'a rate that the camera lacks at this size',
    'not-negotiated',
    v4l2(LINK),
    /^The camera has other modes\. Nearest: fps = 25; or /,
  ],
  [
    'the encoder, if the camera has the mode',
    'not-negotiated',
    v4l2(LINK, 25, 'v4l2h264enc'),
    /encoder may refuse it: set encoder = "x264enc"/,
  ],
  [
    'a module of another name',
    'unknown-camera',
    MODULE,
    /^libcamera finds: "\/base\/a \\"b\\""\. Set device/,
  ],
  [
    'a device that has gone',
    'no-device',
    v4l2('/dev/video9'),
    /^Plug the camera in, or set device to one of: "\/dev\/v4l/,
  ],
  [
    'a metadata node',
    'not-a-camera',
    v4l2('/dev/video5'),
    /^Set device = "\/dev\/v4l\/by-path\/vivid-video-index0"\.$/,
  ],
  ['a codec', 'not-a-camera', v4l2('/dev/video7'), /^List them\.$/],
])('the hint names what there is: %s', async (_what, cause, camera, hint) =>
  expect((await explained(cause, camera)).hint).toMatch(hint),
)

test.each([
  ['a cause that the list does not explain', 'unplugged', v4l2(LINK)],
  ['a camera of another program', 'not-negotiated', undefined],
  ['a camera whose modes are unknown', 'not-negotiated', v4l2('/dev/video1')],
  ['a camera that has the mode, with an encoder in software', 'not-negotiated', v4l2(LINK, 25, 'vp8enc')],
  ['a module that refuses a size', 'not-negotiated', MODULE],
])('the failure stays as it is: %s', async (_what, cause, camera) =>
  expect(await explained(cause, camera)).toEqual(failure(cause)),
)

test('a machine without cameras, or one whose list fails, adds nothing', async () => {
  expect(await explained('unknown-camera', MODULE, { cameras: [], notes: [] })).toEqual(
    failure('unknown-camera'),
  )
  const broken = createFailureFacts({
    camera: () => MODULE,
    list: async () => await Promise.reject(new Error('no')),
  })
  expect(await broken(failure('unknown-camera'))).toEqual(failure('unknown-camera'))
})

test('only cameras of the same kind are listed', async () => {
  const kinds: string[] = []
  for (const camera of [MODULE, v4l2('/dev/video9')])
    await createFailureFacts({
      camera: () => camera,
      list: async (kind) => {
        kinds.push(kind)
        return await Promise.resolve(LIST)
      },
    })(failure('no-device'))
  expect(kinds).toEqual(['libcamera', 'v4l2'])
})

test('the devices are listed after such a failure only, and once a minute', async () => {
  let [lists, now] = [0, 0]
  const facts = createFailureFacts({
    camera: () => MODULE,
    list: async () => await Promise.resolve((lists++, LIST)),
    nowMs: () => now,
  })
  await facts(failure('frozen'))
  expect(lists).toBe(0)
  await Promise.all([facts(failure('unknown-camera')), facts(failure('unknown-camera'))])
  now = 59_000
  await facts(failure('no-device'))
  expect(lists).toBe(1)
  now = 61_000
  await facts(failure('unknown-camera'))
  expect(lists).toBe(2)
})
