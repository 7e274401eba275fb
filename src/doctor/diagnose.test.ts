import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../test/fakes/examples.js'
import { exampleSystem } from '../../test/fakes/system.js'
import { defaultConfig } from '../config/parse.js'
import { NO_FILE } from '../config/source.js'
import type { CameraConfig } from '../config/types.js'
import { MissingError } from '../errors.js'
import type { Check } from './check.js'
import { diagnose, type Subject } from './diagnose.js'
import { hasProblem } from './report.js'

const subject = (about: Partial<Subject>, ...cameras: Partial<CameraConfig>[]): Subject => ({
  config: {
    server: defaultConfig().server,
    cameras: (cameras.length === 0 ? [{}] : cameras).map((camera) => exampleCamera(camera)),
    webrtc: defaultConfig().webrtc,
    rtsp: defaultConfig().rtsp,
    limits: defaultConfig().limits,
  },
  from: { source: 'config.toml', origin: 'file', warnings: [] },
  machine: exampleMachine(),
  nodeVersion: '20.19.2',
  system: exampleSystem(),
  cameras: { cameras: [], notes: [] },
  ...about,
})

const checksOf = async (subject: Subject): Promise<Check[]> =>
  (await diagnose(subject)).flatMap(({ checks }) => checks)
const find = (checks: Check[], id: string): Check | undefined => checks.find((check) => check.id === id)

test('a complete machine has no problem', async () =>
  expect(hasProblem(await diagnose(subject({})))).toBe(false))

test('a machine without GStreamer has one problem, and no further findings about it', async () => {
  const missing = { message: 'gst-inspect-1.0 is not installed', hint: 'sudo apt install a b' }
  const checks = await checksOf(subject({ machine: new MissingError(missing) }))
  expect(find(checks, 'gstreamer')).toMatchObject({
    status: 'problem',
    detail: missing.message,
    hint: missing.hint,
  })
  expect(find(checks, 'camera-encoder')).toBeUndefined()
  expect(find(checks, 'port-free')).toBeDefined()
})

test('a server that others publish to needs no GStreamer, no device and no port for its RTP', async () => {
  const machine = new MissingError({ message: 'gst-inspect-1.0 is not installed', hint: '' })
  const checks = await checksOf(subject({ machine }, { device: { kind: 'whip' }, whipToken: 'secret' }))
  expect(find(checks, 'gstreamer')).toMatchObject({ status: 'ok' })
  expect(find(checks, 'camera-device')).toMatchObject({
    status: 'ok',
    detail: 'published by another machine to /camera1/whip',
  })
  expect(checks.filter(({ status }) => status === 'problem')).toEqual([])
  expect(JSON.stringify(checks)).not.toContain('secret')
})

test('software encoding on a Pi 5 is a warning, not a problem', async () => {
  const machine = exampleMachine({ without: ['v4l2h264enc'], model: 'Raspberry Pi 5 Model B Rev 1.0' })
  expect(find(await checksOf(subject({ machine })), 'camera-encoder')).toMatchObject({
    status: 'warning',
    detail: expect.stringMatching(
      /^h264 by x264enc\. .*Raspberry Pi 5 has no hardware H\.264 encoder/,
    ) as string,
    hint: expect.stringContaining('It works') as string,
  })
})

test('an encoder that is not installed is a problem with its package', async () => {
  const machine = exampleMachine({ without: ['vp8enc'] })
  expect(find(await checksOf(subject({ machine }, { codec: 'vp8' })), 'camera-encoder')).toMatchObject({
    status: 'problem',
    hint: 'sudo apt install gstreamer1.0-plugins-good',
  })
})

test('missing snapshot plugins are a warning with the packages', async () => {
  const machine = exampleMachine({ without: ['jpegenc', 'gdppay'] })
  expect(find(await checksOf(subject({ machine })), 'pictures')).toEqual({
    id: 'pictures',
    status: 'warning',
    title: 'pictures',
    detail: 'missing: jpegenc, gdppay',
    hint: 'sudo apt install gstreamer1.0-plugins-bad gstreamer1.0-plugins-good',
  })
})

test('a missing source comes with its package', async () => {
  const machine = exampleMachine({ without: ['libcamerasrc'] })
  const checks = await checksOf(subject({ machine }, { device: { kind: 'libcamera', name: '/base/a' } }))
  expect(find(checks, 'camera-plugins')?.hint).toBe('sudo apt install gstreamer1.0-libcamera')
})

test('a range of rates of a camera module is a warning', async () => {
  const camera = { device: { kind: 'libcamera' as const, name: '/base/a' }, fps: { min: 5, max: 30 } }
  expect(find(await checksOf(subject({}, camera)), 'camera-fps')).toMatchObject({
    status: 'warning',
    detail: expect.stringContaining('write fps = 5') as string,
  })
})

test('missing RTP plugins are a problem of all cameras', async () => {
  const machine = exampleMachine({ without: ['rtpsession'] })
  expect(find(await checksOf(subject({ machine })), 'gstreamer-plugins')).toMatchObject({
    status: 'problem',
    hint: 'sudo apt install gstreamer1.0-plugins-good',
  })
})

test('a part that fails does not hide the others', async () => {
  const about = { interfaces: () => explode('no interfaces') }
  const checks = await checksOf(subject({ system: exampleSystem({ about }) }))
  expect(find(checks, 'unchecked')).toMatchObject({
    status: 'warning',
    title: 'network',
    detail: 'could not be checked: Error: no interfaces',
  })
  expect(find(checks, 'port-free')).toBeDefined()
})

test('a part that hangs is reported after the limit', async () => {
  const about = { bindError: async () => await new Promise<undefined>(() => {}) }
  const chapters = await diagnose(subject({ system: exampleSystem({ about }) }), 50)
  expect(chapters.flatMap(({ checks }) => checks)).toContainEqual({
    id: 'unchecked',
    status: 'warning',
    title: 'ports',
    detail: 'could not be checked in time',
  })
})

function explode(message: string): never {
  throw new Error(message)
}

test('where no camera was found, the test picture in its place is not checked', async () => {
  const from = { source: NO_FILE, origin: 'test-picture' as const, warnings: [] }
  const device = { kind: 'test' as const, pattern: 'smpte' as const }
  const checks = await checksOf(
    subject({ from, cameras: { cameras: [], notes: ['The cable is loose.'] } }, { key: 'camera1', device }),
  )
  expect(find(checks, 'configuration')).toMatchObject({ status: 'warning' })
  expect(checks.filter(({ status }) => status === 'problem')).toMatchObject([{ id: 'camera-found' }])
  expect(checks.some(({ detail }) => detail === 'The cable is loose.')).toBe(true)
  expect(find(checks, 'camera-device')).toBeUndefined()
})

test('two tables without a camera are never told to use the same one', async () => {
  const missing = [1, 2, 3].map((n) => ({
    key: `camera${n}`,
    device: { kind: 'libcamera' as const, name: `/base/gone${n}` },
  }))
  const cameras = ['/base/a', '/base/b'].map((device) => ({
    kind: 'libcamera' as const,
    device,
    name: 'imx219',
  }))
  const checks = await checksOf(subject({ cameras: { cameras, notes: [] } }, ...missing))
  expect(checks.filter(({ id }) => id === 'camera-device').map(({ hint }) => hint)).toEqual([
    'Write device = "/base/a"',
    'Write device = "/base/b"',
    'Delete the table: another table uses each camera that was found',
  ])
})

test('a camera that another table uses is no suggestion, by whichever name', async () => {
  const path = '/dev/v4l/by-id/usb-C920-video-index0'
  const links = { [path]: '/dev/video0', '/dev/video0': '/dev/video0' }
  const checks = await checksOf(
    subject(
      {
        system: exampleSystem({ links }),
        cameras: { cameras: [{ kind: 'v4l2', device: path, name: 'C920', node: '/dev/video0' }], notes: [] },
      },
      { key: 'camera1', device: { kind: 'v4l2', path: '/dev/video5' } },
      { key: 'camera2', device: { kind: 'v4l2', path: '/dev/video0' } },
    ),
  )
  expect(checks.find(({ id, status }) => id === 'camera-device' && status === 'problem')?.hint).toBe(
    'Plug the camera in, or use another USB port; lsusb shows whether the machine detects it',
  )
})
