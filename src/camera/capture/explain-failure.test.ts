import { describe, expect, test } from 'vitest'
import { explainFailure, type CaptureExit } from './explain-failure.js'

const exited = (stderr: string, about: Partial<CaptureExit> = {}): CaptureExit => ({
  how: 'exited',
  code: 255,
  signal: null,
  stderr: stderr.split('\n'),
  ...about,
})

const V4L2 = 'ERROR: from element /GstPipeline:pipeline0/GstV4l2Src:v4l2src0:'
const LIBCAMERA = 'ERROR: from element /GstPipeline:pipeline0/GstLibcameraSrc:libcamerasrc0:'

/** Output of GStreamer 1.22.0 and libcamera 0.0.3 to 0.7.2, with the resulting cause, message and hint. */
const rows: [cause: string, stderr: string, message: string, hint: string][] = [
  [
    'missing-program',
    'setpriv: failed to execute gst-launch-1.0: No such file or directory',
    'gst-launch-1.0 is not installed.',
    'sudo apt install gstreamer1.0-tools',
  ],
  ['missing-program', 'spawn gst-launch-1.0 ENOENT', 'not installed', 'gstreamer1.0-tools'],
  [
    'missing-plugin',
    'WARNING: erroneous pipeline: no element "x264enc"',
    'no element "x264enc"',
    'sudo apt install gstreamer1.0-plugins-ugly',
  ],
  [
    'bad-property',
    'WARNING: erroneous pipeline: no property "af-mode" in element "libcamerasrc"',
    'rejects property "af-mode" of element libcamerasrc',
    'gst-inspect-1.0 libcamerasrc',
  ],
  [
    'bad-property',
    'WARNING: erroneous pipeline: could not set property "pattern" in element "videotestsrc" to "zippy"',
    'videotestsrc',
    'lists the patterns',
  ],
  [
    'out-of-descriptors',
    '(gst-launch-1.0:8): GLib-ERROR **: 18:44:38.340: Creating pipes for GWakeup: Too many open files',
    'limit of open files and sockets',
    'LimitNOFILE',
  ],
  ['out-of-descriptors', 'spawn setpriv EMFILE', 'limit of open files and sockets', 'ulimit -n'],
  ['bad-pipeline', 'WARNING: erroneous pipeline: syntax error', 'could not parse', 'rpi-webrtc pipeline'],
  [
    'permission-denied',
    `${V4L2} Could not open device '/dev/video0' for reading and writing.\nAdditional debug info:\n../sys/v4l2/v4l2_calls.c(622): gst_v4l2_open (): /GstPipeline:pipeline0/GstV4l2Src:v4l2src0:\nsystem error: Permission denied`,
    'not allowed to open /dev/video0',
    'usermod -aG video',
  ],
  [
    'permission-denied',
    `[0:01:02.3] [4] ERROR DeviceEnumerator device_enumerator.cpp:172 Failed to open media device at /dev/media0: Permission denied\n${LIBCAMERA} Could not find any supported camera on this system.`,
    'not allowed to open /dev/media0',
    'usermod -aG video',
  ],
  [
    'camera-busy',
    `[0:01:02.3] [4] ERROR Camera camera.cpp:754 Pipeline handler in use by another process\n${LIBCAMERA} Camera 'x' is already in use.`,
    'Another program uses this camera.',
    'rpicam-hello',
  ],
  [
    'camera-busy',
    `${V4L2} Device '/dev/video3' is busy\nAdditional debug info:\nCall to S_FMT failed for YUYV @ 640x480: Device or resource busy`,
    'Another program uses /dev/video3.',
    'fuser -v /dev/video3',
  ],
  [
    'no-camera',
    `${LIBCAMERA} Could not find any supported camera on this system.`,
    'libcamera finds no camera.',
    'ribbon cable',
  ],
  [
    'unknown-camera',
    `${LIBCAMERA} Could not find a camera named 'test_camera_1'.`,
    'no camera named test_camera_1',
    'rpi-webrtc cameras',
  ],
  [
    'sensor-timeout',
    '[0:01:02.3] [4] ERROR RPI pipeline_base.cpp:1367 Camera frontend has timed out!\nPlease check that your camera sensor connector is attached securely.',
    'sensor timed out',
    'ribbon cable',
  ],
  [
    'no-device',
    `${V4L2} Cannot identify device '/dev/video0'.\nsystem error: No such file or directory`,
    'no /dev/video0',
    'Plug',
  ],
  [
    'not-a-camera',
    `${V4L2} Error getting capabilities for device '/dev/null': It isn't a v4l2 driver. Check if it is a v4l1 driver.`,
    '/dev/null is not a camera',
    'rpi-webrtc cameras',
  ],
  ['not-a-camera', `${V4L2} This isn't a device '/dev/video7'.`, '/dev/video7', 'rpi-webrtc cameras'],
  ['unplugged', `${V4L2} Could not read from resource.\npoll error 1: Success (0)`, 'unplugged', 'USB hub'],
  [
    'port-taken',
    'ERROR: from element /GstPipeline:pipeline0/GstUDPSrc:udpsrc0: Could not get/set settings from/on resource.\nbind failed: Error binding to address 127.0.0.1:45999: Address already in use',
    '127.0.0.1:45999',
    'webrtc-port',
  ],
  ['camera-start', `${LIBCAMERA} Failed to start the camera: Invalid argument`, 'could not start', 'smaller'],
  [
    'not-negotiated',
    `[0:01:02.3] [4]  WARN Camera camera.cpp:1181 configuring streams: (0) 636x480-BGR888\n${LIBCAMERA} Internal data stream error.\nstreaming stopped, reason not-negotiated (-4)`,
    'does not support the configured width, height, fps or format',
    'libcamera offers 636x480',
  ],
  [
    'not-negotiated',
    "WARNING: erroneous pipeline: could not link v4l2src0 to jpegdec0, v4l2src0 can't handle caps image/jpeg",
    'does not support',
    'format = "raw"',
  ],
]

test.each(rows)('%s: %s', (cause, stderr, message, hint) => {
  const failure = explainFailure(exited(stderr))
  expect(failure.cause).toBe(cause)
  expect(failure.message).toContain(message)
  expect(failure.hint).toContain(hint)
})

test('stderr takes precedence over how the process ended', () =>
  expect(explainFailure({ how: 'frozen', stderr: ['ERROR RPI Camera frontend has timed out!'] }).cause).toBe(
    'sensor-timeout',
  ))

describe('without a known message', () => {
  test('a stream that stopped is frozen', () =>
    expect(explainFailure({ how: 'frozen', stderr: [] }).cause).toBe('frozen'))

  test('a process that sends nothing is reported as no-first-packet', () =>
    expect(explainFailure({ how: 'no-first-packet', stderr: [] }).cause).toBe('no-first-packet'))

  test('a process killed by a signal has crashed', () =>
    expect(explainFailure(exited('', { code: null, signal: 'SIGSEGV' }))).toMatchObject({
      cause: 'crashed',
      message: 'The capture process was killed by SIGSEGV.',
    }))

  test('anything else is unknown, with the last lines of output', () =>
    expect(explainFailure(exited('one\ntwo\nthree\nfour', { code: 3 }))).toEqual({
      cause: 'unknown',
      message: 'The capture process exited with code 3.',
      hint: 'Its last output: two | three | four',
    }))

  test('critical warnings and debug lines are ignored', () =>
    expect(
      explainFailure(
        exited(
          '(gst-launch-1.0:6): GStreamer-CRITICAL **: 14:15:23.475: templ should be floating\n' +
            '0:00:00.024 6 0x55 WARN v4l2 x.c:1: Could not read from resource',
        ),
      ).hint,
    ).toContain('--debug'))
})
