import { describe, expect, test } from 'vitest'
import { exampleCamera } from '../../test/fakes/examples.js'
import { exampleSystem, type SystemFacts } from '../../test/fakes/system.js'
import type { CameraList } from '../camera/devices/discover.js'
import type { RefusedNode } from '../camera/devices/found-camera.js'
import type { CameraConfig } from '../config/types.js'
import { checkDevice } from './cameras.js'
import type { Check } from './check.js'
import { suggestDevices } from './device-suggestions.js'
import type { Holder } from './processes.js'

const PI4 = 'Raspberry Pi 4 Model B Rev 1.5'
const usb: CameraConfig['device'] = { kind: 'v4l2', path: '/dev/video0' }
const module: CameraConfig['device'] = { kind: 'libcamera', name: '/base/a' }
const found = (...devices: string[]): CameraList => ({
  cameras: devices.map((device) => ({
    kind: device.startsWith('/dev/') ? 'v4l2' : 'libcamera',
    device,
    name: 'some',
  })),
  notes: [],
})

const DETAILS: Partial<Record<RefusedNode['why'], string>> = {
  metadata: 'carries metadata',
  output: 'is a video output',
  codec: 'is a video codec',
  'second-node': 'delivers only H.264',
}
const node = (path: string, why: RefusedNode['why'], about: Partial<RefusedNode> = {}): RefusedNode => ({
  node: path,
  name: 'some',
  why,
  detail: DETAILS[why]!,
  hint: `hint of ${why}`,
  ...about,
})

async function check(
  device: CameraConfig['device'],
  facts: SystemFacts & {
    present?: CameraList
    holders?: Record<string, Holder>
    camera?: Partial<CameraConfig>
  } = {},
): Promise<Check[]> {
  const { present = found(), holders = {}, camera: about = {}, ...rest } = facts
  const processes = {
    holdersOf: async (targets: readonly string[]) =>
      await Promise.resolve(targets.flatMap((target) => holders[target] ?? [])),
    server: undefined,
  }
  const system = exampleSystem(rest)
  const camera = exampleCamera({ ...about, device })
  const suggestion = (await suggestDevices([camera], present, system)).get(camera.key)
  return await checkDevice(camera, { present, model: PI4, system, processes, suggestion })
}

/** What a user of that name meets who was in these groups at login. */
const user = (groups: string, members: string): Record<string, string> => ({
  '/proc/self/status': `Name:\tnode\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\nGroups:\t${groups} \n`,
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\npi:x:1000:1000::/home/pi:/bin/bash\n',
  '/etc/group': `root:x:0:\nvideo:x:44:${members}\npi:x:1000:\n`,
})

describe('a USB camera', () => {
  test('that exists and is free is ok', async () =>
    expect(await check(usb, { files: { '/dev/video0': '' } })).toEqual([
      { id: 'camera-device', status: 'ok', title: 'camera1 device', detail: '/dev/video0' },
    ]))

  test('that is missing is a problem, with the existing ones in the hint', async () =>
    expect(await check(usb, { present: found('/dev/video2', '/base/b') })).toMatchObject([
      {
        id: 'camera-device',
        status: 'problem',
        detail: '/dev/video0 does not exist',
        hint: 'Write device = "/dev/video2", or plug the camera in',
      },
    ]))

  test('may not be opened by users outside the group video', async () =>
    expect(
      await check(usb, { files: { '/dev/video0': '', ...user('27', 'root') }, closed: ['/dev/video0'] }),
    ).toEqual([
      {
        id: 'camera-access',
        status: 'problem',
        title: 'camera1 device',
        detail: 'the user pi may not open /dev/video0',
        hint: 'sudo usermod -aG video pi, then log out and in again',
      },
    ]))

  test('may not be opened by users who joined the group after their login', async () =>
    expect(
      await check(usb, { files: { '/dev/video0': '', ...user('27', 'root,pi') }, closed: ['/dev/video0'] }),
    ).toMatchObject([{ hint: expect.stringContaining('log out and in again, or restart') as string }]))

  test('in use by another program is a problem that names it, also for a link to the device', async () => {
    const holders = { '/dev/video0': { pid: 700, name: 'motion', isOurs: false } }
    const path = '/dev/v4l/by-id/usb-046d_C920-video-index0'
    const links = { [path]: '/dev/video0' }
    const files = { '/proc/700/cgroup': '0::/system.slice/motion.service\n' }
    expect(await check({ kind: 'v4l2', path }, { links, holders, files })).toMatchObject([
      { status: 'ok' },
      {
        id: 'camera-busy',
        status: 'problem',
        detail: 'in use by motion (process 700)',
        hint: 'Stop it: sudo systemctl stop motion.service',
      },
    ])
  })

  test('opened by the desktop only is a warning', async () => {
    const holders = { '/dev/video0': { pid: 900, name: 'wireplumber', isOurs: false } }
    expect(await check(usb, { files: { '/dev/video0': '' }, holders })).toMatchObject([
      {},
      { id: 'camera-busy', status: 'warning' },
    ])
  })

  test('in use by rpi-webrtc itself is ok', async () => {
    const holders = { '/dev/video0': { pid: 801, name: 'gst-launch-1.0', isOurs: true } }
    expect(await check(usb, { files: { '/dev/video0': '' }, holders })).toMatchObject([
      {},
      { id: 'camera-busy', status: 'ok' },
    ])
  })
})

describe('what a USB camera delivers', () => {
  const present: CameraList = {
    cameras: [
      {
        kind: 'v4l2',
        device: '/dev/v4l/by-id/usb-C920-video-index0',
        name: 'C920',
        node: '/dev/video0',
        modes: [
          { width: 640, height: 480, rates: [25, 10], format: 'raw' },
          { width: 1280, height: 720, rates: [12.5], format: 'raw' },
        ],
      },
    ],
    notes: [],
    refused: [
      node('/dev/video1', 'metadata', { picture: '/dev/video0' }),
      node('/dev/video4', 'output'),
      node('/dev/video7', 'codec'),
      node('/dev/video8', 'metadata'),
      node('/dev/video9', 'second-node', {
        picture: '/dev/video0',
        modes: [{ width: 640, height: 480, rates: [30], format: 'h264' }],
      }),
    ],
  }
  const files = Object.fromEntries([0, 1, 4, 7, 8, 9].map((n) => [`/dev/video${n}`, '']))
  const mode = (width: number, height: number, fps: number, about: Partial<CameraConfig> = {}) => ({
    width,
    height,
    fps: { min: fps, max: fps },
    ...about,
  })

  test.each([
    ['what it has', mode(640, 480, 25), 'ok', undefined],
    ['a range with a rate that it has', mode(640, 480, 30, { fps: { min: 5, max: 30 } }), 'ok', undefined],
    ['a rate that it lacks', mode(640, 480, 30), 'problem', /^Write fps = 25; or /],
    ['a size that it lacks', mode(640, 360, 25), 'problem', /^Write width = 640, height = 480; or /],
    [
      'a format that it lacks',
      mode(640, 480, 25, { format: 'mjpeg' }),
      'problem',
      /^Write format = "raw"; or /,
    ],
    ['"auto", which is MJPEG here', mode(1280, 720, 30), 'problem', /format = "raw"/],
  ])('is compared with the table: %s', async (_what, camera, status, hint) => {
    const checks = await check(usb, { files, present, camera })
    expect(checks).toHaveLength(1)
    expect(checks[0]!.status).toBe(status)
    if (hint !== undefined) expect(checks[0]!.hint).toMatch(hint)
  })

  test('is named in full if it is not what is configured', async () =>
    expect(await check(usb, { files, present, camera: mode(640, 480, 30) })).toMatchObject([
      {
        id: 'camera-mode',
        detail: 'the camera has no 640x480 at 30 with raw frames; it has 640x480 at 25, 1280x720 at 12.5',
      },
    ]))

  test.each([
    ['/dev/video1', 'carries metadata', 'Write device = "/dev/v4l/by-id/usb-C920-video-index0"'],
    ['/dev/video4', 'is a video output', 'Write device = "/dev/v4l/by-id/usb-C920-video-index0"'],
    ['/dev/video7', 'is a video codec', 'Write device = "/dev/v4l/by-id/usb-C920-video-index0"'],
    ['/dev/video9', 'delivers only H.264', 'Write device = "/dev/v4l/by-id/usb-C920-video-index0"'],
    ['/dev/video8', 'carries metadata', 'hint of metadata'],
  ])('is nothing at %s, and the message says what to write', async (path, detail, hint) => {
    const checks = await check({ kind: 'v4l2', path }, { files, present })
    expect(checks).toEqual([
      { id: 'camera-node', status: 'problem', title: 'camera1 device', detail: `${path} ${detail}`, hint },
    ])
  })

  test('is not in the node with index1, and the name with index0 is written', async () => {
    const path = '/dev/v4l/by-id/usb-Other-video-index1'
    expect(await check({ kind: 'v4l2', path }, { links: { [path]: '/dev/video8' }, present })).toMatchObject([
      { hint: 'Write device = "/dev/v4l/by-id/usb-Other-video-index0"' },
    ])
  })

  test('is its own H.264 at the second node, if that is configured', async () => {
    const camera = mode(640, 480, 30, { format: 'h264' })
    expect(await check({ kind: 'v4l2', path: '/dev/video9' }, { files, present, camera })).toMatchObject([
      { id: 'camera-device', status: 'ok' },
    ])
  })

  test('is not compared if its modes are unknown', async () => {
    const cameras = [{ kind: 'v4l2' as const, device: '/dev/video0', name: 'C920', node: '/dev/video0' }]
    expect(await check(usb, { files, present: { cameras, notes: [] } })).toMatchObject([
      { status: 'ok', detail: '/dev/video0; v4l2-ctl does not list its modes, so they were not compared' },
    ])
  })

  test('is not a media device', async () =>
    expect(
      await check({ kind: 'v4l2', path: '/dev/media0' }, { files: { '/dev/media0': '' }, present }),
    ).toMatchObject([
      {
        id: 'camera-node',
        status: 'problem',
        detail: '/dev/media0 is a media device, which delivers no picture',
      },
    ]))
})

describe('a camera module', () => {
  const media = { folders: { '/dev': ['media0', 'media1', 'null'], '/dev/dma_heap': ['system'] } }
  const closed = ['/dev/media0', '/dev/media1', '/dev/dma_heap/system']

  test('that exists and is free is ok', async () =>
    expect(await check(module, { ...media, present: found('/base/a') })).toMatchObject([{ status: 'ok' }]))

  test('with another name is a problem that names it', async () =>
    expect(await check(module, { present: found('/base/b') })).toMatchObject([
      {
        status: 'problem',
        detail: 'libcamera has no camera named /base/a',
        hint: 'Write device = "/base/b"',
      },
    ]))

  test('that could not be listed is not reported as missing', async () =>
    expect(
      await check(module, { present: { cameras: [], notes: ['Nothing can list them.'] } }),
    ).toMatchObject([{ status: 'warning', hint: 'Nothing can list them.' }]))

  test('that is missing is a problem of the cable', async () =>
    expect(await check(module)).toMatchObject([{ id: 'camera-cable', status: 'problem' }]))

  test('may not be opened by users outside the group video', async () =>
    expect(
      await check(module, { ...media, closed, files: user('27', ''), present: found('/base/a') }),
    ).toMatchObject([{ id: 'camera-access', status: 'problem' }]))

  test('that this user may not open is not a problem of the cable', async () =>
    expect(await check(module, { ...media, closed, files: user('27', '') })).toMatchObject([
      { id: 'camera-access', hint: 'sudo usermod -aG video pi, then log out and in again' },
    ]))

  test('in use by another program is a problem that names it', async () => {
    const holders = { '/dev/media1': { pid: 77, name: 'rpicam-hello', isOurs: false } }
    expect(await check(module, { ...media, holders, present: found('/base/a') })).toMatchObject([
      {},
      { id: 'camera-busy', status: 'problem', detail: 'in use by rpicam-hello (process 77)' },
    ])
  })
})

describe('a camera module that another program has', () => {
  const folders = { '/dev': ['media0'] }
  const holders = { '/dev/media0': { pid: 77, name: 'rpicam-vid', isOurs: false } }

  test('is held, not missing, if libcamera does not list it', async () =>
    expect(await check(module, { folders, holders })).toEqual([
      {
        id: 'camera-busy',
        status: 'problem',
        title: 'camera1 device',
        detail: 'in use by rpicam-vid (process 77)',
        hint: 'Stop it: kill 77',
      },
    ]))

  test('is fine if that is rpi-webrtc', async () =>
    expect(
      await check(module, {
        folders,
        holders: { '/dev/media0': { ...holders['/dev/media0'], isOurs: true } },
      }),
    ).toMatchObject([{ id: 'camera-busy', status: 'ok' }]))

  test('is missing if only the desktop has the device open', async () =>
    expect(
      await check(module, {
        folders,
        holders: { '/dev/media0': { ...holders['/dev/media0'], name: 'wireplumber' } },
      }),
    ).toMatchObject([{ id: 'camera-cable' }]))
})

describe('a camera module with known sensor modes', () => {
  const present: CameraList = {
    cameras: [
      {
        kind: 'libcamera',
        device: '/base/a',
        name: 'imx219',
        modes: [
          { width: 640, height: 480, rates: [206] },
          { width: 1640, height: 1232, rates: [41] },
          { width: 3280, height: 2464, rates: [21] },
        ],
      },
    ],
    notes: [],
  }
  test.each([
    ['a size that is scaled', { width: 1280, height: 720 }, 'ok', undefined],
    ['41.85, listed as 41', { width: 1640, height: 1232, fps: { min: 41.8, max: 41.8 } }, 'ok', undefined],
    ['a size that it lacks', { width: 3840, height: 2160 }, 'problem', 'Write width = 3280, height = 2160'],
    [
      'too many frames',
      { width: 1640, height: 1232, fps: { min: 60, max: 60 } },
      'problem',
      'Write fps = 41',
    ],
    ['too many frames at most', { width: 1640, height: 1232, fps: { min: 5, max: 60 } }, 'ok', undefined],
  ])('has %s', async (_what, camera, status, hint) =>
    expect(await check(module, { present, camera })).toMatchObject([
      { status, ...(hint !== undefined && { hint }) },
    ]),
  )
})

test('a test pattern and an RTP camera need no device', async () => {
  expect(await check({ kind: 'test', pattern: 'ball' })).toMatchObject([{ status: 'ok' }])
  expect(await check({ kind: 'rtp', port: 5004 })).toMatchObject([{ status: 'ok' }])
})
