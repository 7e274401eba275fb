import { expect, test } from 'vitest'
import { knownSensor } from '../sensors/known-sensors.js'
import type { Sensor } from '../sensors/sensor.js'
import { formatCameras } from './discover.js'
import { cameraJson } from './sensor-text.js'

const device = '/base/soc/i2c0mux/i2c@1/imx219@10'

test('each size of the sensor is listed with its rate and its share of the scene', () =>
  expect(
    formatCameras({
      cameras: [{ kind: 'libcamera', device, name: 'imx219', sensor: knownSensor(device)! }],
      notes: [],
    }),
  ).toBe(`# imx219 (camera module)
# sensor modes, and what they show of the scene (field-of-view):
#   640x480 at 206.65 frames per second: 39 % of the width, 39 % of the height
#   1640x1232 at 41.85 frames per second: all of it
#   1920x1080 at 47.57 frames per second: 59 % of the width, 44 % of the height
#   3280x2464 at 21.19 frames per second: all of it
device = "${device}"
`))

test('the JSON has every mode with its depth', () => {
  const sensor: Sensor = {
    width: 800,
    height: 600,
    modes: [
      { width: 400, height: 300, bitDepth: 8, fps: 60, crop: undefined },
      { width: 800, height: 600, bitDepth: 10, fps: 30, crop: { x: 0, y: 0, width: 800, height: 600 } },
    ],
  }
  expect(
    JSON.parse(JSON.stringify(cameraJson({ kind: 'libcamera', device, name: 'x', sensor }))) as object,
  ).toEqual({
    kind: 'libcamera',
    device,
    name: 'x',
    sensor_modes: [
      { width: 400, height: 300, bit_depth: 8, fps: 60 },
      { width: 800, height: 600, bit_depth: 10, fps: 30, width_percent: 100, height_percent: 100 },
    ],
  })
  expect(cameraJson({ kind: 'v4l2', device: '/dev/video0', name: 'x' })).toEqual({
    kind: 'v4l2',
    device: '/dev/video0',
    name: 'x',
  })
})
