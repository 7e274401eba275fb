import { describe, expect, test } from 'vitest'
import { exampleCamera } from '../../test/fakes/examples.js'
import { DeviceClaims } from '../camera/devices/device-claims.js'
import type { CameraList } from '../camera/devices/discover.js'
import { ModuleNames } from '../camera/devices/module-names.js'
import type { CameraConfig } from '../config/types.js'
import type { Log } from '../log.js'
import { createCameraDevice } from './camera-device.js'

const OLD = '/base/axi/pcie@120000/rp1/i2c@80000/imx708@1a'
const NEW = '/base/axi/pcie@1000120000/rp1/i2c@80000/imx708@1a'
const BY_ID = '/dev/v4l/by-id/usb-Example_Cam_0001-video-index0'
const BY_PATH = '/dev/v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0'
const LINKS: Record<string, string> = {
  '/dev/video0': '/dev/video0',
  '/dev/./video0': '/dev/video0',
  [BY_ID]: '/dev/video0',
  [BY_PATH]: '/dev/video0',
  '/dev/video2': '/dev/video2',
}
const MODULES: CameraList = { cameras: [{ kind: 'libcamera', device: NEW, name: 'imx708' }], notes: [] }

/** The cameras of one server, on a machine with one camera module and two USB cameras. */
function machine(list: () => Promise<CameraList> = async () => await Promise.resolve(MODULES)) {
  const lookup = {
    names: new ModuleNames({
      list,
      buses: async () => await Promise.resolve({}),
      inDeviceTree: async () => await Promise.resolve(undefined),
    }),
    claims: new DeviceClaims(),
    nodes: {
      resolve: async (path: string) => await Promise.resolve(LINKS[path]),
      readText: async () => await Promise.resolve('0'),
      list: async () => await Promise.resolve([]),
      describe: async () => await Promise.resolve(undefined),
    },
  }
  const logged: string[] = []
  const note = (message: string): void => void logged.push(message)
  const log: Log = { debug: note, info: note, warn: note, error: note }
  return { camera: (key: string) => createCameraDevice(key, lookup, log), logged }
}

const usb = (key: string, path: string): CameraConfig =>
  exampleCamera({ key, device: { kind: 'v4l2', path } })
const module = (key: string, name: string): CameraConfig =>
  exampleCamera({ key, device: { kind: 'libcamera', name } })

describe('one USB camera under two names', () => {
  test.each([
    ['/dev/video0', BY_ID, `${BY_ID} leads to /dev/video0`],
    [BY_ID, '/dev/video0', `${BY_ID} leads to /dev/video0`],
    [BY_PATH, BY_ID, `${BY_ID} leads to /dev/video0, ${BY_PATH} leads to /dev/video0`],
    ['/dev/video0', '/dev/./video0', '/dev/./video0 leads to /dev/video0'],
  ])('%s and %s: the first camera plays, the other names it', async (first, second, way) => {
    const { camera } = machine()
    expect(await camera('camera1').find(usb('camera1', first))).toEqual(usb('camera1', first))
    expect(await camera('camera2').find(usb('camera2', second))).toEqual({
      cause: 'same-camera',
      message: `camera2 is the device of camera1: ${way}.`,
      hint: 'Delete [camera2], or set its device to another camera: "rpi-webrtc cameras" lists them.',
    })
  })

  test('is free when the first camera is removed or changed', async () => {
    const { camera } = machine()
    const [first, second] = [camera('camera1'), camera('camera2')]
    await first.find(usb('camera1', '/dev/video0'))
    first.release()
    expect(await second.find(usb('camera2', BY_ID))).toEqual(usb('camera2', BY_ID))
    expect(await first.find(usb('camera1', '/dev/video2'))).toEqual(usb('camera1', '/dev/video2'))
  })

  test('is not kept by a camera that was removed while it was looked up', async () => {
    const { camera } = machine()
    const [first, second] = [camera('camera1'), camera('camera2')]
    const late = first.find(usb('camera1', '/dev/video0'))
    first.release()
    await late
    expect(await second.find(usb('camera2', BY_ID))).toEqual(usb('camera2', BY_ID))
  })

  test('starts again after a failure of the first camera', async () => {
    const { camera } = machine()
    const first = camera('camera1')
    await first.find(usb('camera1', '/dev/video0'))
    expect(await first.find(usb('camera1', '/dev/video0'))).toEqual(usb('camera1', '/dev/video0'))
  })
})

test('a device that does not exist is left to the capture process', async () => {
  const { camera } = machine()
  const missing = usb('camera1', '/dev/video9')
  expect(await camera('camera1').find(missing)).toEqual(missing)
})

test('one camera module under a short and a whole name', async () => {
  const { camera } = machine()
  await camera('camera1').find(module('camera1', 'imx708'))
  expect(await camera('camera2').find(module('camera2', NEW))).toMatchObject({
    cause: 'same-camera',
    message: `camera2 is the device of camera1: imx708 leads to ${NEW}.`,
  })
})

describe('a camera module whose name the kernel changed', () => {
  const unknown = { cause: 'unknown-camera', message: `libcamera finds no camera named ${OLD}.`, hint: '' }

  test('is found after its first start, used, and named once', async () => {
    const { camera, logged } = machine()
    const device = camera('camera1')
    expect(await device.find(module('camera1', OLD))).toEqual(module('camera1', OLD))
    expect(device.inUse).toBeUndefined()
    expect(await device.reconsider(unknown)).toBe('retry')
    for (let attempt = 0; attempt < 3; attempt++)
      expect(await device.find(module('camera1', OLD))).toEqual(module('camera1', NEW))
    expect(device.inUse).toBe(NEW)
    expect(logged).toEqual([`the camera ${OLD} is now called ${NEW}: write device = "${NEW}"`])
  })

  test('is lost with the names that exist if none has its tail', async () => {
    const { camera } = machine()
    const device = camera('camera1')
    await device.find(module('camera1', '/base/soc/i2c0mux/i2c@1/imx219@10'))
    expect(await device.reconsider(unknown)).toMatchObject({
      cause: 'unknown-camera',
      hint: `Set device to "${NEW}", which it finds.`,
    })
  })

  test('is not tried again under the name that failed', async () => {
    const { camera } = machine()
    const device = camera('camera1')
    await device.find(module('camera1', NEW))
    expect(await device.reconsider(unknown)).toBeUndefined()
  })

  test('other failures are not reconsidered', async () => {
    const { camera } = machine(async () => await Promise.reject(new Error('listed')))
    const device = camera('camera1')
    await device.find(module('camera1', NEW))
    expect(await device.reconsider({ ...unknown, cause: 'camera-busy' })).toBeUndefined()
  })
})
