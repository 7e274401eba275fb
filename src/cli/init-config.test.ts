import { describe, expect, test } from 'vitest'
import { exampleMachine } from '../../test/fakes/examples.js'
import { parseConfig } from '../config/parse.js'
import { chooseFirstConfig, renderFirstConfig, testPictureConfig } from './init-config.js'
import { captureCommand } from '../camera/gstreamer/command.js'
import type { FoundCamera } from '../camera/devices/found-camera.js'
import { knownSensor } from '../camera/sensors/known-sensors.js'
import { libcameraMode } from '../camera/sensors/mode-choice.js'
import { shareOf } from '../camera/sensors/view.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import { preferredIngestPorts } from '../camera/gstreamer/ports.js'

const PI4 = exampleMachine({ model: 'Raspberry Pi 4 Model B Rev 1.5' })
const PI5 = exampleMachine({ model: 'Raspberry Pi 5 Model B Rev 1.0', without: ['v4l2h264enc'] })
const ZERO = exampleMachine({ model: 'Raspberry Pi Zero 2 W Rev 1.0' })

const module = (name: string): FoundCamera => ({
  kind: 'libcamera',
  device: `/base/i2c@88000/${name}@10`,
  name,
  ...(knownSensor(name) && { sensor: knownSensor(name)! }),
})
const usb = (about: Partial<FoundCamera> = {}): FoundCamera => ({
  kind: 'v4l2',
  device: '/dev/v4l/by-id/usb-046d_"C920"-video-index0',
  name: 'HD Pro "Webcam" C920\n',
  ...about,
})
const MODES: FoundCamera['modes'] = [
  { width: 640, height: 480, rates: [30, 15], format: 'raw' },
  { width: 1280, height: 720, rates: [60, 30], format: 'mjpeg' },
  { width: 1280, height: 720, rates: [7.5, 5], format: 'raw' },
  { width: 1920, height: 1080, rates: [30], format: 'mjpeg' },
]

const only = (camera: FoundCamera, machine: Machine) => chooseFirstConfig([camera], machine).cameras[0]

describe('the codec', () => {
  test.each([
    ['h264', 'where it is encoded in hardware', PI4],
    ['vp8', 'where it is encoded in software: every browser plays it', PI5],
    ['h264', 'where there is no vp8enc', exampleMachine({ without: ['v4l2h264enc', 'vp8enc'] })],
  ])('is %s %s', (codec, _where, machine) => expect(chooseFirstConfig([usb()], machine).codec).toBe(codec))
})

describe('the size', () => {
  test('of a camera module is what the machine can encode', () => {
    expect(only(module('imx708'), PI4)).toMatchObject({
      width: 1280,
      height: 720,
      fps: 30,
      bitrate: 2_500_000,
      why: 'all that the 16:9 sensor sees; what this machine can encode',
    })
    expect(only(module('imx708'), PI5)).toMatchObject({ width: 1280 })
    expect(only(module('imx708'), ZERO)).toMatchObject({ width: 1280 }) // in hardware
    expect(only(module('mira220'), PI4)).toMatchObject({ width: 1280, height: 720 })
  })

  test.each(['imx219', 'ov5647', 'imx477', 'imx296', 'imx500'])(
    'of an %s has its shape: libcamera shows the whole scene by itself',
    (name) => {
      const camera = module(name)
      const sensor = camera.sensor!
      const three = chooseFirstConfig([camera, usb(), usb()], PI4).cameras[0]!
      for (const { width, height, why } of [only(camera, PI4)!, three]) {
        expect(width / height).toBeCloseTo(4 / 3)
        expect(width % 32).toBe(0)
        expect(why).toMatch(/^all that the 4:3 sensor sees; /)
        expect(
          shareOf(sensor, libcameraMode(sensor, { width, height })!, { width, height })!.width,
        ).toBeGreaterThan(0.98)
      }
    },
  )

  test('is small for several cameras, and for little machines with USB cameras', () => {
    const three = chooseFirstConfig([module('a'), module('b'), usb()], PI4)
    expect(three.cameras.map(({ width }) => width)).toEqual([640, 640, 640])
    expect(only(usb({ modes: MODES }), ZERO)).toMatchObject({ width: 640, height: 480, format: 'raw' })
  })

  test('of a USB camera is one it delivers, and smooth rather than large', () => {
    expect(only(usb({ modes: MODES }), PI4)).toMatchObject({
      width: 1280,
      height: 720,
      fps: 30,
      format: 'mjpeg',
      bitrate: 2_500_000,
    })
    const slow = [MODES[0]!, MODES[2]!]
    expect(only(usb({ modes: slow }), PI4)).toMatchObject({ width: 640, height: 480, fps: 30, format: 'raw' })
  })

  test('of a USB camera that cannot be asked is what nearly all can do', () =>
    expect(only(usb(), PI4)).toMatchObject({ width: 640, height: 480, fps: 30, bitrate: 1_000_000 }))

  test('of a USB camera with H.264 only is its own, which is passed on', () => {
    const modes: FoundCamera['modes'] = [{ width: 1920, height: 1080, rates: [30], format: 'h264' }]
    const first = chooseFirstConfig([usb({ modes })], PI5)
    expect(first.cameras[0]).toMatchObject({ width: 1920, fps: 30, format: 'h264', codec: 'h264' })
    const toml = renderFirstConfig(first, { model: PI5.model, examplePath: 'x' })
    expect(toml).toContain('# The camera gives H.264 only: its own stream is passed on')
    expect(toml).toContain('\nfps = 30\nformat = "h264"\ncodec = "h264"\n#name')
  })

  test('of a USB camera that has only large ones is the smallest', () =>
    expect(only(usb({ modes: MODES.slice(3) }), ZERO)).toMatchObject({ width: 1920, height: 1080 }))
})

describe('what is written', () => {
  test.each([
    ['two modules on a Pi 4', [module('imx219'), module('imx708')], PI4],
    ['a USB camera on a Pi Zero', [usb({ modes: MODES })], ZERO],
    [
      'a grabber with 29.97 frames per second',
      [usb({ modes: [{ width: 720, height: 480, rates: [29.97], format: 'raw' }] })],
      PI4,
    ],
    [
      'a camera with H.264 only next to a Pi 5, which encodes VP8',
      [usb({ modes: [{ width: 1920, height: 1080, rates: [30], format: 'h264' }] }), module('imx708')],
      PI5,
    ],
    ['three cameras on a Pi 5', [module('imx219'), usb(), usb({ device: '/dev/video2' })], PI5],
  ])('loads without a problem and can be captured: %s', (_what, found, machine) => {
    const first = chooseFirstConfig(found, machine)
    const toml = renderFirstConfig(first, { model: machine.model, examplePath: '/opt/config.example.toml' })
    const { cameras } = parseConfig(toml, 'config.toml')
    expect(cameras).toHaveLength(found.length)
    for (const [i, camera] of cameras.entries()) {
      const { format = 'auto', codec = first.codec, width, height, fps, bitrate } = first.cameras[i]!
      expect(camera).toMatchObject({
        codec,
        format,
        width,
        height,
        ...(format === 'h264' ? {} : { bitrate }),
        fps: { min: fps, max: fps },
      })
      const device =
        camera.device.kind === 'libcamera' ? camera.device.name : (camera.device as { path: string }).path
      expect(device).toBe(found[i]!.device)
      const ports = preferredIngestPorts(camera.webrtcPort)
      expect(captureCommand({ camera, ports, machine, env: {}, debug: false })).toHaveProperty('file')
    }
  })

  test('shows the other keys as they are in force, so that they may be uncommented', () => {
    const toml = renderFirstConfig(testPictureConfig(PI5), { model: undefined, examplePath: 'x' })
    const bare = parseConfig(toml, 'config.toml')
    const uncommented = toml.replaceAll(/^#(?!username|password)(?=[a-z-]+ = )/gm, '')
    expect(uncommented).toContain('\nudp-port = 8189\n')
    expect(parseConfig(uncommented, 'config.toml')).toEqual(bare)
  })

  test('points to where every key is explained', () =>
    expect(
      renderFirstConfig(testPictureConfig(PI4), { model: PI4.model, examplePath: '/opt/x.toml' }),
    ).toMatch(/^# rpi-webrtc on Raspberry Pi 4 .*\n# Every key is explained in \/opt\/x\.toml\n/))
})
