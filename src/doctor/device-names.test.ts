import { expect, test } from 'vitest'
import { exampleCamera } from '../../test/fakes/examples.js'
import { exampleSystem } from '../../test/fakes/system.js'
import type { CameraList } from '../camera/devices/discover.js'
import type { CameraConfig } from '../config/types.js'
import { checkNames } from './device-names.js'

const OLD = '/base/axi/pcie@120000/rp1/i2c@80000/imx708@1a'
const NEW = '/base/axi/pcie@1000120000/rp1/i2c@80000/imx708@1a'
const BY_ID = '/dev/v4l/by-id/usb-Example_Cam_0001-video-index'
const present: CameraList = { cameras: [{ kind: 'libcamera', device: NEW, name: 'imx708' }], notes: [] }
const METADATA = '\tDevice Caps      : 0x04a00000\n\t\tMetadata Capture\n\t\tStreaming\n'

const system = exampleSystem({
  files: { '/dev/video0': '', '/dev/video1': '', '/sys/class/video4linux/video1/index': '1\n' },
  links: { [`${BY_ID}0`]: '/dev/video0', [`${BY_ID}1`]: '/dev/video1' },
  commands: { 'v4l2-ctl -d /dev/video1 --info': METADATA },
})
const usb = (path: string): CameraConfig['device'] => ({ kind: 'v4l2', path })
const module = (name: string): CameraConfig['device'] => ({ kind: 'libcamera', name })

async function check(...devices: CameraConfig['device'][]) {
  const cameras = devices.map((device, i) => exampleCamera({ key: `camera${i + 1}`, device }))
  return await checkNames(cameras, present, system)
}

test('a renamed camera is a warning with the line to write, and is checked under its new name', async () => {
  const [named] = await check(module(OLD))
  expect(named).toMatchObject({
    camera: { device: module(NEW) },
    checks: [
      {
        id: 'camera-name',
        status: 'warning',
        detail: `the camera ${OLD} is now called ${NEW}: write device = "${NEW}"`,
        hint: `In [camera1], write device = "${NEW}"`,
      },
    ],
    isRefused: false,
  })
})

test('short names are named, exact names need no word', async () => {
  expect(await check(module('imx708'))).toMatchObject([
    { checks: [{ status: 'ok', detail: `"imx708" is ${NEW}` }] },
  ])
  expect(await check(module(NEW))).toMatchObject([{ checks: [], camera: { device: module(NEW) } }])
})

test('an unknown name is left to the check of the device', async () => {
  expect(await check(module('imx477'))).toMatchObject([{ checks: [], isRefused: false }])
})

test.each([
  [usb('/dev/video0'), usb(`${BY_ID}0`), `camera2 is the device of camera1: ${BY_ID}0 leads to /dev/video0`],
  [
    module('imx708'),
    module('csi1'),
    `camera2 is the device of camera1: csi1 leads to ${NEW}, imx708 leads to ${NEW}`,
  ],
])('two names of one camera are a problem of the second', async (first, second, detail) => {
  const [one, two] = await check(first, second)
  expect(one!.isRefused).toBe(false)
  expect(two).toMatchObject({ checks: [{ id: 'camera-name', status: 'problem', detail }], isRefused: true })
})

test('a metadata node is a problem that names the node of the picture', async () => {
  expect(await check(usb('/dev/video0'), usb(`${BY_ID}1`))).toMatchObject([
    { checks: [] },
    {
      checks: [
        {
          status: 'problem',
          detail: `${BY_ID}1 is the metadata node of that camera, and has no picture`,
          hint: `Write device = "${BY_ID}0"`,
        },
      ],
    },
  ])
})
