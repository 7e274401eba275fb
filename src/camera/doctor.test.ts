import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../test/standin/examples.js'
import { defaultConfig, type CameraConfig } from '../config.js'
import { MissingError } from '../errors.js'
import { diagnose, formatChecks, type Check, type Subject } from './doctor.js'

const subject = (about: Partial<Subject>, ...cameras: Partial<CameraConfig>[]): Subject => ({
  config: {
    server: defaultConfig().server,
    cameras: (cameras.length === 0 ? [{}] : cameras).map((camera) => exampleCamera(camera)),
    webrtc: { stunServer: undefined, maxClients: 4, udpPort: 8189, announce: [] },
    limits: defaultConfig().limits,
  },
  machine: exampleMachine(),
  env: {},
  nodeVersion: '20.19.2',
  canBind: async () => await Promise.resolve(true),
  cameras: { cameras: [], notes: [] },
  ...about,
})

const find = (checks: Check[], title: string): Check | undefined =>
  checks.find((check) => check.title === title)

test('a machine that has everything has no problem', async () =>
  expect((await diagnose(subject({}))).map(({ ok }) => ok)).not.toContain('problem'))

test('an old Node is a problem', async () =>
  expect(find(await diagnose(subject({ nodeVersion: '18.19.0' })), 'Node')?.ok).toBe('problem'))

test('a machine without GStreamer has one problem with it, and no guesses', async () => {
  const checks = await diagnose(subject({ machine: new MissingError('gst-inspect-1.0 is not installed') }))
  expect(find(checks, 'GStreamer')).toMatchObject({ ok: 'problem' })
  expect(find(checks, 'camera1 encoder')).toBeUndefined()
})

test('software encoding is said, not called a problem', async () => {
  const machine = exampleMachine({ without: ['v4l2h264enc'] })
  expect(find(await diagnose(subject({ machine })), 'camera1 encoder')).toMatchObject({
    ok: 'warning',
    detail: expect.stringContaining('h264 by x264enc') as string,
  })
})

test('a machine that can make no pictures is told what to install, and no more than warned', async () => {
  const machine = exampleMachine({ without: ['jpegenc', 'gdppay'] })
  expect(find(await diagnose(subject({ machine })), 'pictures')).toEqual({
    ok: 'warning',
    title: 'pictures',
    detail: 'missing: jpegenc, gdppay',
    mend: 'sudo apt install gstreamer1.0-plugins-bad gstreamer1.0-plugins-good',
  })
})

test('a missing source comes with its package', async () => {
  const machine = exampleMachine({ without: ['libcamerasrc'] })
  const checks = await diagnose(subject({ machine }, { device: { kind: 'libcamera', name: '/base/a' } }))
  expect(find(checks, 'camera1 capture')?.mend).toBe('sudo apt install gstreamer1.0-libcamera')
})

test('a camera that is not there is a problem that names those that are', async () => {
  const cameras = { cameras: [{ kind: 'libcamera' as const, device: '/base/b', name: 'imx219' }], notes: [] }
  const checks = await diagnose(subject({ cameras }, { device: { kind: 'libcamera', name: '/base/a' } }))
  expect(find(checks, 'camera1 device')).toMatchObject({ ok: 'problem', mend: 'Set device to /base/b' })
})

test('a camera that could not be looked for is not called missing', async () => {
  const cameras = { cameras: [], notes: ['Nothing can list them.'] }
  const checks = await diagnose(subject({ cameras }, { device: { kind: 'libcamera', name: '/base/a' } }))
  expect(find(checks, 'camera1 device')).toMatchObject({ ok: 'warning', mend: 'Nothing can list them.' })
})

test('a V4L2 device that is not there is a problem', async () => {
  const checks = await diagnose(subject({}, { device: { kind: 'v4l2', path: '/dev/video99' } }))
  expect(find(checks, 'camera1 device')?.detail).toBe('there is no /dev/video99')
})

test('a port in use is named with what it is for', async () => {
  const canBind = async (port: number) => await Promise.resolve(port !== 5557)
  const checks = await diagnose(subject({ canBind }))
  expect(find(checks, 'port 5557/tcp')?.detail).toContain('camera1 webrtc-port')
})

test('the report is a line a check, and its mend below', () =>
  expect(
    formatChecks([
      { ok: 'ok', title: 'Node', detail: '20.19.2' },
      { ok: 'problem', title: 'GStreamer', detail: 'missing', mend: 'sudo apt install x' },
    ]),
  ).toBe('ok       Node: 20.19.2\nPROBLEM  GStreamer: missing\n         -> sudo apt install x\n'))
