import { expect, test } from 'vitest'
import { formatCameras, discoverCameras } from './discover.js'
import { parseCam, parseDeviceMonitor, parseRpicam } from './libcamera-lists.js'

const IMX219 = '/base/soc/i2c0mux/i2c@1/imx219@10'
const IMX708 = '/base/axi/pcie@120000/rp1/i2c@88000/imx708@1a'

test('cam -l: each name in parentheses is a camera', () =>
  expect(
    parseCam(
      `Available cameras:\n1: 'imx219' (${IMX219})\n2: External camera 'Sensor B' (platform/vimc.0 Sensor B)\n`,
    ),
  ).toEqual([
    { kind: 'libcamera', device: IMX219, name: 'imx219' },
    { kind: 'libcamera', device: 'platform/vimc.0 Sensor B', name: 'External camera Sensor B' },
  ]))

test('cam -l: log lines, an empty list and names of other handlers', () => {
  const log = '[0:12:34.567890] [1234]  INFO Camera camera_manager.cpp:327 libcamera v0.5.2+99\n'
  expect(parseCam(`${log}Available cameras:\n`)).toEqual([])
  expect(
    parseCam(
      `${log}Available cameras:\n1: Internal front camera (\\_SB_.PCI0.LNK1)\n2: 'imx708_wide_noir' (${IMX708})\n3: External camera 'Virtual0' (Virtual0)\n`,
    ).map(({ device, name }) => [device, name]),
  ).toEqual([
    ['\\_SB_.PCI0.LNK1', 'Internal front camera'],
    [IMX708, 'imx708_wide_noir'],
    ['Virtual0', 'External camera Virtual0'],
  ])
})

test('a USB camera that libcamera lists is left to V4L2', () =>
  expect(parseCam("1: 'HD Webcam' (/base/scb/pcie@7d500000/usb@0,0-1.2:1.0-046d:0825)\n")).toEqual([]))

test('rpicam-hello --list-cameras: modes belong to the camera above them', () =>
  expect(
    parseRpicam(`Available cameras
-----------------
0 : imx708_wide [4608x2592 10-bit RGGB] (${IMX708})
    Modes: 'SRGGB10_CSI2P' : 1536x864 [120.13 fps - (768, 432)/3072x1728 crop]
                             2304x1296 [56.03 fps - (0, 0)/4608x2592 crop]

1 : imx219 [3280x2464] (${IMX219})
    Modes: 'SRGGB10_CSI2P' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]
`),
  ).toEqual([
    {
      kind: 'libcamera',
      device: IMX708,
      name: 'imx708_wide',
      modes: [
        { width: 1536, height: 864, rates: [120] },
        { width: 2304, height: 1296, rates: [56] },
      ],
    },
    {
      kind: 'libcamera',
      device: IMX219,
      name: 'imx219',
      modes: [{ width: 640, height: 480, rates: [206] }],
    },
  ]))

test('rpicam-hello on a machine without a camera finds none', () =>
  expect(parseRpicam('No cameras available!\n')).toEqual([]))

test('gst-device-monitor-1.0: the name is in the command of each device', () =>
  expect(
    parseDeviceMonitor(`Probing devices...


Device found:

\tname  : ${IMX219}
\tclass : Source/Video
\tcaps  : video/x-raw, format=NV12
\tgst-launch-1.0 libcamerasrc camera-name="${IMX219.replaceAll('@', '\\@')}" ! ...

Device found:

\tname  : HD Webcam
\tgst-launch-1.0 v4l2src device=/dev/video0 ! ...
`),
  ).toEqual([{ kind: 'libcamera', device: IMX219, name: 'imx219' }]))

test('a machine that cannot search for camera modules explains why', async () => {
  const { notes } = await discoverCameras({ PATH: '/nonexistent' })
  expect(notes.join()).toContain('sudo apt install libcamera-tools')
})

test('each camera is a device line to paste', () =>
  expect(
    formatCameras({ cameras: [{ kind: 'libcamera', device: 'a "b"', name: 'imx219' }], notes: [] }),
  ).toContain('device = "a \\"b\\""'))

test('the modes of a camera are listed above its line', () => {
  const modes = [{ width: 1280, height: 720, rates: [30, 15], format: 'mjpeg' as const }]
  const cameras = [{ kind: 'v4l2' as const, device: '/dev/video0', name: 'C920', modes }]
  expect(formatCameras({ cameras, notes: [] })).toBe(
    '# C920 (V4L2 device)\n# 1280x720 at 30 mjpeg\ndevice = "/dev/video0"\n',
  )
})

test('without a camera the output says so and lists the failed searches', () =>
  expect(formatCameras({ cameras: [], notes: ['Modules could not be searched for.'] })).toBe(
    'No camera found.\n\nModules could not be searched for.\n',
  ))
