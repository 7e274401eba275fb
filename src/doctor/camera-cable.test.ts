import { describe, expect, test } from 'vitest'
import { exampleSystem } from '../../test/fakes/system.js'
import { explainNoCamera, explainNone, parseBootConfig, sensorInLog } from './camera-cable.js'

const PI4 = 'Raspberry Pi 4 Model B Rev 1.5'
const PI5 = 'Raspberry Pi 5 Model B Rev 1.0'
const CONFIG = '/boot/firmware/config.txt'
const explained = async (text: string, model = PI4) =>
  await explainNoCamera(exampleSystem({ files: { [CONFIG]: text } }), model)

describe('no camera is found', () => {
  test('and the configuration is right: check the cable', async () => {
    const { detail, hint } = await explained('# a comment\ncamera_auto_detect=1\n')
    expect(detail).toBe('neither libcamera nor the firmware finds a camera')
    expect(hint).toMatch(/ribbon cable .*marked CAMERA, not DISPLAY/)
  })

  test('and the machine is a Pi 5: the hint names its cable', async () =>
    expect((await explained('camera_auto_detect=1', PI5)).hint).toContain('22 contacts'))

  test.each([['camera_auto_detect=0\n'], ['dtparam=audio=on\n'], ['#camera_auto_detect=1\n']])(
    'and the firmware detects none: %j',
    async (text) => {
      const { detail, hint } = await explained(text)
      expect(detail).toBe('camera detection is disabled in the firmware configuration')
      expect(hint).toContain(`Set camera_auto_detect=1 in ${CONFIG}`)
    },
  )

  test('and another sensor is configured', async () => {
    const { detail, hint } = await explained('camera_auto_detect=0\ndtoverlay=imx219,cam0\n')
    expect(detail).toBe('libcamera finds no camera, although dtoverlay=imx219 is set')
    expect(hint).toContain('If the sensor is another one')
  })

  test('and the legacy camera stack is enabled', async () =>
    expect((await explained('start_x=1\ngpu_mem=128\n')).hint).toContain(`Delete start_x=1 from ${CONFIG}`))

  test('and a sensor of the device tree has no driver: it did not respond', async () => {
    const system = exampleSystem({
      files: { [CONFIG]: 'dtoverlay=imx219', '/sys/bus/i2c/devices/10-0010/name': 'imx219\n' },
      folders: { '/sys/bus/i2c/devices': ['i2c-10', '10-0010'] },
    })
    const { detail, hint } = await explainNoCamera(system, PI4)
    expect(detail).toBe('the configured sensor imx219 does not respond')
    expect(hint).toMatch(/^Switch off, check both ends of the ribbon cable/)
  })

  test('and a sensor with a driver is not reported', async () => {
    const system = exampleSystem({
      files: { '/sys/bus/i2c/devices/10-0010/name': 'imx219\n' },
      folders: { '/sys/bus/i2c/devices': ['10-0010'] },
      links: { '/sys/bus/i2c/devices/10-0010/driver': '../../bus/i2c/drivers/imx219' },
    })
    expect((await explainNoCamera(system, PI4)).detail).not.toContain('does not respond')
  })

  test('and the kernel log says that the sensor does not respond', async () => {
    const dmesg = '[    6.6] imx708 11-001a: failed to read chip id 708, with error -5\n'
    const system = exampleSystem({ commands: { dmesg } })
    expect((await explainNoCamera(system, PI5)).detail).toContain('configured sensor imx708')
  })

  test('and the machine is not a Raspberry Pi', async () =>
    expect((await explainNoCamera(exampleSystem(), undefined)).hint).toContain('USB camera'))
})

test('without any camera both kinds are explained', async () => {
  const system = exampleSystem({ files: { [CONFIG]: 'camera_auto_detect=1' } })
  expect(await explainNone(system, PI4)).toEqual([
    expect.stringMatching(
      /^On the ribbon cable: neither libcamera nor the firmware finds a camera\. Switch off/,
    ) as string,
    'There is no USB camera either: plug one in; lsusb shows whether the machine detects it.',
  ])
  expect(await explainNone(system, undefined)).toEqual([
    'There is no USB camera: plug one in; lsusb shows whether the machine detects it.',
  ])
})

test.each([
  ['[    9.138221] imx519 10-001a: failed to read chip id 519, with error -5', 'imx519'],
  ['imx283 10-001a: probe with driver imx283 failed with error -5', 'imx283'],
  ['ov5647 10-0036: write error: probe of 10-0036 failed with error -5', 'ov5647'],
  ['imx708 10-001a: camera module ID 0x0302', undefined],
])('in %j the silent sensor is %s', (line, sensor) => expect(sensorInLog(line)).toBe(sensor))

test('lines below a filter apply to their model only', () => {
  const text = '[pi4]\ncamera_auto_detect=0\n[pi3+]\nstart_x=1\n[all]\ndtoverlay=vc4-kms-v3d\n'
  expect(parseBootConfig(text, PI4).autoDetect).toBe(false)
  expect(parseBootConfig(`camera_auto_detect=1\n${text}`, PI5)).toEqual({
    autoDetect: true,
    overlay: undefined,
    isLegacy: false,
  })
})
