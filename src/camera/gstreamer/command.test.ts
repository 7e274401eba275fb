import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../../test/fakes/examples.js'
import { captureCommand, type Command } from './command.js'
import { gstEnvironment } from './environment.js'

const ports = { rtpPort: 21000, rtcpPort: 21001, feedbackPort: 21002 }
const options = {
  camera: exampleCamera(),
  ports,
  machine: exampleMachine(),
  env: { HOME: '/home/pi' },
  debug: false,
}

const commandOf = (about: Partial<Parameters<typeof captureCommand>[0]> = {}): Command => {
  const command = captureCommand({ ...options, ...about })
  if ('cause' in command) throw new Error(command.message)
  return command
}

test('setpriv kills a capture process when the server exits', () => {
  const { file, args } = commandOf()
  expect([file, ...args.slice(0, 5)]).toEqual([
    'setpriv',
    '--pdeathsig',
    'KILL',
    '--',
    'gst-launch-1.0',
    '-q',
  ])
})

test('a machine without setpriv runs gst-launch-1.0 directly', () =>
  expect(commandOf({ machine: exampleMachine({ setpriv: false }) }).file).toBe('gst-launch-1.0'))

test('messages are in the C locale', () =>
  expect(commandOf({ env: { HOME: '/home/pi', LC_ALL: 'de_DE.UTF-8' } }).env).toEqual({
    HOME: '/home/pi',
    LC_ALL: 'C',
    GST_DEBUG_NO_COLOR: '1',
    LIBCAMERA_LOG_LEVELS: 'Camera:INFO,*:WARN',
    LIBCAMERA_LOG_NO_COLOR: '1',
    XDG_RUNTIME_DIR: '/dev/shm',
  }))

test('debugging turns on the log of GStreamer unless it is set already', () => {
  expect(gstEnvironment({}, true)['GST_DEBUG']).toBe('3')
  expect(gstEnvironment({ GST_DEBUG: 'v4l2*:6' }, true)['GST_DEBUG']).toBe('v4l2*:6')
})

test('a missing source element is a failure with its package', () => {
  const camera = exampleCamera({ device: { kind: 'libcamera', name: '/base/a' } })
  const machine = exampleMachine({ without: ['libcamerasrc'] })
  expect(captureCommand({ ...options, camera, machine })).toEqual({
    cause: 'missing-plugin',
    message: 'GStreamer has no "libcamerasrc", which this camera needs.',
    hint: 'sudo apt install gstreamer1.0-libcamera',
  })
})

test('a missing encoder is a failure', () =>
  expect(
    captureCommand({
      ...options,
      camera: exampleCamera({ codec: 'vp8' }),
      machine: exampleMachine({ without: ['vp8enc'] }),
    }),
  ).toMatchObject({ cause: 'missing-plugin' }))
