import { describe, expect, test } from 'vitest'
import { exampleCamera } from '../../test/fakes/examples.js'
import { exampleSystem, type SystemFacts } from '../../test/fakes/system.js'
import type { CameraList } from '../camera/devices/discover.js'
import type { CameraConfig } from '../config/types.js'
import { checkDevice } from './cameras.js'
import type { Check } from './check.js'
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

async function check(
  device: CameraConfig['device'],
  facts: SystemFacts & { present?: CameraList; holders?: Record<string, Holder> } = {},
): Promise<Check[]> {
  const { present = found(), holders = {}, ...rest } = facts
  const processes = {
    holdersOf: async (targets: readonly string[]) =>
      await Promise.resolve(targets.flatMap((target) => holders[target] ?? [])),
    server: undefined,
  }
  const system = exampleSystem(rest)
  return await checkDevice(exampleCamera({ device }), { present, model: PI4, system, processes })
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
        hint: 'Set device to /dev/video2, or plug the camera in',
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
    expect(await check({ kind: 'v4l2', path }, { links, holders })).toMatchObject([
      { status: 'ok' },
      {
        id: 'camera-busy',
        status: 'problem',
        detail: 'in use by motion (process 700)',
        hint: 'Stop it: sudo systemctl stop motion, or kill 700',
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

describe('a camera module', () => {
  const media = { folders: { '/dev': ['media0', 'media1', 'null'], '/dev/dma_heap': ['system'] } }
  const closed = ['/dev/media0', '/dev/media1', '/dev/dma_heap/system']

  test('that exists and is free is ok', async () =>
    expect(await check(module, { ...media, present: found('/base/a') })).toMatchObject([{ status: 'ok' }]))

  test('with another name is a problem that names it', async () =>
    expect(await check(module, { present: found('/base/b') })).toMatchObject([
      { status: 'problem', detail: 'libcamera has no camera named /base/a', hint: 'Set device to /base/b' },
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

test('a test pattern and an RTP camera need no device', async () => {
  expect(await check({ kind: 'test', pattern: 'ball' })).toMatchObject([{ status: 'ok' }])
  expect(await check({ kind: 'rtp', port: 5004 })).toMatchObject([{ status: 'ok' }])
})
