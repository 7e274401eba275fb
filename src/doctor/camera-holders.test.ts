import { expect, test } from 'vitest'
import { exampleSystem } from '../../test/fakes/system.js'
import type { CameraList } from '../camera/devices/discover.js'
import { heldNotes } from './camera-holders.js'
import type { Holder } from './processes.js'

const present: CameraList = {
  cameras: [
    { kind: 'libcamera', device: '/base/a', name: 'imx219' },
    { kind: 'v4l2', device: '/dev/v4l/by-id/usb-C920-video-index0', name: 'C920', node: '/dev/video0' },
  ],
  notes: [],
}
const notes = async (holders: Record<string, Holder>): Promise<string[]> =>
  await heldNotes(
    present,
    {
      holdersOf: async (targets) => await Promise.resolve(targets.flatMap((target) => holders[target] ?? [])),
    },
    exampleSystem({ folders: { '/dev': ['media0', 'video0'] } }),
  )

test('cameras that are free need no note', async () => expect(await notes({})).toEqual([]))

test('a USB camera and a module in use are named with the program', async () =>
  expect(
    await notes({
      '/dev/video0': { pid: 700, name: 'motion', isOurs: false },
      '/dev/media0': { pid: 77, name: 'rpicam-vid', isOurs: false },
    }),
  ).toEqual([
    '/dev/video0 (C920) is in use by motion (process 700). To use it here, stop that program: kill 700.',
    'A camera module is in use by rpicam-vid (process 77). To use it here, stop that program: kill 77.',
  ]))

test('the desktop has cameras open without capturing, and rpi-webrtc is not to be stopped', async () =>
  expect(
    await notes({
      '/dev/video0': { pid: 700, name: 'gst-launch-1.0', isOurs: true },
      '/dev/media0': { pid: 77, name: 'wireplumber', isOurs: false },
    }),
  ).toEqual(['/dev/video0 (C920) is in use by the running rpi-webrtc.']))
