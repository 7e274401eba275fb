import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { MissingError } from '../../errors.js'
import { ExhaustedError } from '../../lib/exhausted.js'
import { exampleMachine } from '../../../test/fakes/examples.js'
import { isAtLeast, requireTransport } from './machine.js'
import { parseElements, parseModel, parseProperties, parseVersion, probeMachine } from './probe.js'

const LISTING = `coreelements:  capsfilter: CapsFilter
coreelements:  queue: Queue
dv:  dvdec: DV video decoder
typefindfunctions: audio/x-mod: 669, amf, dsm
video4linux2:  v4l2h264enc: V4L2 H.264 Encoder
video4linux2:  v4l2deviceprovider (GstDeviceProviderFactory)
libcamera:  libcamerasrc: libcamera Source

Total count: 262 plugins (1 blacklist entry not shown), 855 features
`

const LIBCAMERASRC = `Factory Details:
  Rank                     primary (256)
  Long-name                libcamera Source

Pad Templates:
  SRC template: 'src'
    Availability: Always

    Type: GstLibcameraPad
    Pad Properties:

      stream-role         : The selected stream role
                            flags: readable, writable, changeable only in NULL or READY state

Element Properties:

  ae-enable           : Enable or disable the AEGC algorithm.
                        flags: readable, writable, controllable
                        Boolean. Default: false

  af-mode             : The mode of the AF (autofocus) algorithm.
                        flags: readable, writable, controllable
                        Enum "AfMode" Default: 0, "manual"
                           (0): manual           - AfModeManual
                           (2): continuous       - AfModeContinuous
  camera-name         : Select by name which camera to use.
                        flags: readable, writable, changeable only in NULL or READY state
                        String. Default: null

Children:
  other               : is none of them
`

test('only the elements of a listing are parsed', () =>
  expect([...parseElements(LISTING)]).toEqual([
    'capsfilter',
    'queue',
    'dvdec',
    'v4l2h264enc',
    'libcamerasrc',
  ]))

test('the properties of an element are parsed without those of its pads', () =>
  expect([...parseProperties(LIBCAMERASRC)]).toEqual(['ae-enable', 'af-mode', 'camera-name']))

test('an empty description has no properties', () => expect(parseProperties('').size).toBe(0))

test('the version is parsed', () =>
  expect(parseVersion('gst-launch-1.0 version 1.26.2\nGStreamer 1.26.2\n')).toBe('1.26.2'))

test('the model is parsed without its NUL byte', () => {
  expect(parseModel('Raspberry Pi 5 Model B Rev 1.0\0')).toBe('Raspberry Pi 5 Model B Rev 1.0')
  expect(parseModel('')).toBeUndefined()
})

test.each([
  ['1.22.12', '1.22.4', true],
  ['1.22.3', '1.22.4', false],
  ['1.26', '1.22.4', true],
  ['2.0.0', '1.22.4', true],
  ['1.22', '1.22.0', true],
])('%s is at least %s: %s', (version, minimum, is) => expect(isAtLeast(version, minimum)).toBe(is))

test('a machine without the elements of every pipeline is rejected, with the command that installs them', () => {
  const check = () => requireTransport(exampleMachine({ without: ['rtpsession', 'udpsink'] }))
  expect(check).toThrow(MissingError)
  expect(check).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('rtpsession, udpsink') as string,
      hint: 'sudo apt install gstreamer1.0-plugins-good',
    }),
  )
})

test('this machine is probed', async () => {
  const machine = await probeMachine(process.env)
  expect(isAtLeast(machine.gstreamer, '1.18')).toBe(true)
  expect(machine.elements.has('queue')).toBe(true)
  expect(machine.cores).toBeGreaterThan(0)
})

test('a machine with GStreamer logging at full level is probed', async () => {
  const machine = await probeMachine({ ...process.env, GST_DEBUG: '7' })
  expect(machine.elements.has('queue')).toBe(true)
})

test('a machine without GStreamer is rejected', async () => {
  const probe = probeMachine({ PATH: '/nonexistent' })
  await expect(probe).rejects.toThrow(MissingError)
  await expect(probe).rejects.toHaveProperty('hint', expect.stringContaining('gstreamer1.0-tools'))
})

test('a probe without free descriptors is an error, not a machine without elements', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'probe-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const tool =
    '#!/bin/sh\necho "GLib-ERROR **: Creating pipes for GWakeup: Too many open files" >&2\nexit 133\n'
  writeFileSync(join(folder, 'gst-inspect-1.0'), tool, { mode: 0o755 })
  const probe = probeMachine({ ...process.env, PATH: `${folder}:${process.env['PATH']}` })
  await expect(probe).rejects.toThrow(ExhaustedError)
  await expect(probe).rejects.toThrow(
    'gst-inspect-1.0 could not be run: rpi-webrtc has reached its limit of open files and sockets. Raise LimitNOFILE',
  )
})
