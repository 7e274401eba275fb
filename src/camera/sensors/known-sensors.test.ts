import { expect, test } from 'vitest'
import { knownSensor, withKnownModes } from './known-sensors.js'
import type { Sensor } from './sensor.js'

test.each([
  '/base/soc/i2c0mux/i2c@1/imx708@1a',
  '/base/axi/pcie@1000120000/rp1/i2c@88000/imx708@1a',
  'imx708',
  'imx708_wide_noir',
])('%s is an imx708', (name) => expect(knownSensor(name)).toMatchObject({ width: 4608, height: 2592 }))

test.each(['/base/soc/i2c0mux/i2c@1/ov9281@60', 'toString', 'platform/vimc.0 Sensor B', ''])(
  '"%s" is not known',
  (name) => expect(knownSensor(name)).toBeUndefined(),
)

test('every crop lies on its sensor, and one mode shows all of it', () => {
  for (const name of ['imx219', 'imx290', 'imx296', 'imx477', 'imx500', 'imx519', 'imx708', 'ov5647']) {
    const sensor = knownSensor(name)!
    const crops = sensor.modes.map(({ crop }) => crop!)
    for (const { x, y, width, height } of crops) {
      expect(x + width).toBeLessThanOrEqual(sensor.width)
      expect(y + height).toBeLessThanOrEqual(sensor.height)
    }
    expect(crops.some(({ width, height }) => width === sensor.width && height === sensor.height)).toBe(true)
  }
})

const listed = (crop: Sensor['modes'][number]['crop'], fps?: number): Sensor => ({
  width: 4608,
  height: 2592,
  modes: [{ width: 1536, height: 864, bitDepth: 10, fps, crop }],
})

test('a listed crop that the driver does not have is corrected', () => {
  const wrong = listed({ x: 0, y: 0, width: 4608, height: 2592 }, 110)
  expect(withKnownModes(wrong, knownSensor('imx708')).modes).toEqual([
    { width: 1536, height: 864, bitDepth: 10, fps: 110, crop: { x: 768, y: 432, width: 3072, height: 1728 } },
  ])
})

test('what the list lacks comes from the table', () =>
  expect(withKnownModes(listed(undefined), knownSensor('imx708')).modes[0]).toMatchObject({ fps: 120.13 }))

test('a mode as large as an unknown sensor shows all of it', () => {
  const sensor: Sensor = {
    width: 800,
    height: 600,
    modes: [
      { width: 400, height: 300, bitDepth: 10, fps: 60, crop: undefined },
      { width: 800, height: 600, bitDepth: 10, fps: 30, crop: undefined },
    ],
  }
  expect(withKnownModes(sensor, undefined).modes.map(({ crop }) => crop)).toEqual([
    undefined,
    { x: 0, y: 0, width: 800, height: 600 },
  ])
})
