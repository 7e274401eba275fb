import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../test/fakes/examples.js'
import { exampleSystem, type SystemFacts } from '../../test/fakes/system.js'
import type { CameraConfig } from '../config/types.js'
import { checkControls } from './controls.js'

const MODULE = { kind: 'libcamera', name: '/base/soc/i2c@1/imx219@10' } as const
const check = async (
  about: Partial<CameraConfig>,
  facts: SystemFacts = {},
  name = 'imx219',
  properties = '',
) =>
  (
    await checkControls(exampleCamera({ device: MODULE, ...about }), {
      machine: exampleMachine({ libcamerasrcProperties: new Set(`camera-name ${properties}`.split(' ')) }),
      cameras: { cameras: [{ kind: 'libcamera', device: MODULE.name, name }], notes: [] },
      system: exampleSystem(facts),
    })
  ).map(({ id, status, detail }) => `${status} ${id}: ${detail}`)

test('a libcamera that is too old is a problem', async () => {
  expect(await check({ controls: { brightness: 0.1 } })).toEqual([
    'problem camera-controls: This libcamera (before 0.1.0) cannot set brightness: version 0.4.0 can.',
  ])
  expect(await check({ controls: { brightness: 0.1 } }, {}, 'imx219', 'brightness')).toEqual([
    'ok camera-controls: brightness',
  ])
  expect(await check({})).toEqual([])
})

test('a tuning file is looked for, and recommended for a NoIR module', async () => {
  expect(await check({ tuningFile: '/a.json' }, { files: { '/a.json': '{}' } })).toEqual([
    'ok camera-tuning: /a.json',
  ])
  expect(await check({ tuningFile: '/a.json' })).toEqual(['problem camera-tuning: /a.json does not exist'])
  expect(await check({}, {}, 'imx219_noir')).toEqual([
    'ok camera-tuning: a module without infrared filter. If its colours are wrong: tuning-file = "/usr/share/libcamera/ipa/rpi/vc4/imx219_noir.json"',
  ])
})

test('the controls of a V4L2 device are compared with its list', async () => {
  const device = { kind: 'v4l2', path: '/dev/video0' } as const
  const commands = {
    'v4l2-ctl -d /dev/video0 --list-ctrls-menus':
      'brightness 0x00980900 (int) : min=0 max=255 step=1 default=128 value=128\n',
  }
  expect(await check({ device, controls: { brightness: 3 } }, { commands })).toEqual([
    'ok camera-controls: brightness',
  ])
  expect(await check({ device, controls: { brightness: 300, hue: 1 } }, { commands })).toEqual([
    'warning camera-controls: brightness: 300 is too large: from 0 to 255',
    'warning camera-controls: hue: is not a control of this camera, which has brightness',
  ])
  expect(await check({ device, controls: { brightness: 3 } })).toEqual([
    'problem camera-controls: v4l2-ctl is missing, which sets them',
  ])
})

test('HDR needs v4l2-ctl', async () => {
  expect(await check({ hdr: true })).toEqual(['problem camera-hdr: v4l2-ctl is missing, which sets HDR'])
  expect(await check({ hdr: true }, { commands: { 'v4l2-ctl --version': 'v4l2-ctl 1.26' } })).toEqual([])
})
