import { aptInstall } from '../gstreamer/packages.js'

export interface FailureContext {
  /** The relevant lines of stderr. */
  text: string
  knownCameras: readonly string[]
}

interface KnownFailure {
  pattern: RegExp
  cause: string
  message: (match: RegExpExecArray) => string
  hint: (match: RegExpExecArray, context: FailureContext) => string
}

/**
 * Messages of GStreamer 1.22 to 1.26, libcamera and the kernel in the C locale. The first row that matches applies, so
 * specific rows come before general ones.
 */
export const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    pattern: /setpriv: failed to execute gst-launch-1\.0|spawn \S*gst-launch-1\.0 ENOENT/,
    cause: 'missing-program',
    message: () => 'gst-launch-1.0 is not installed.',
    hint: () => 'sudo apt install gstreamer1.0-tools',
  },
  {
    pattern: /no element "([^"]+)"/,
    cause: 'missing-plugin',
    message: ([, element]) => `GStreamer has no element "${element!}".`,
    hint: ([, element]) => aptInstall([element!]),
  },
  {
    pattern:
      /no property "([^"]+)" in element "([^"]+)"|could not set property "([^"]+)" in element "([^"]+)"/,
    cause: 'bad-property',
    message: (m) =>
      `The installed GStreamer rejects property "${m[1] ?? m[3]!}" of element ${m[2] ?? m[4]!}.`,
    hint: (m) =>
      m[4] === 'videotestsrc'
        ? 'gst-inspect-1.0 videotestsrc lists the patterns for device = "test:PATTERN".'
        : `Compare with gst-inspect-1.0 ${m[2] ?? m[4]!}, and please report it with the GStreamer version.`,
  },
  {
    pattern: /pipeline could not be constructed|erroneous pipeline: syntax error/,
    cause: 'bad-pipeline',
    message: () => 'gst-launch-1.0 could not parse the pipeline.',
    hint: () => 'Please report it, with the output of rpi-webrtc pipeline CAMERA.',
  },
  {
    pattern: /Could not open device '([^']+)'[^]*?Permission denied|(\/dev\/[\w/,-]+).*Permission denied/,
    cause: 'permission-denied',
    message: (m) => `This user is not allowed to open ${m[1] ?? m[2]!}.`,
    hint: () => 'Add the user to the group video (sudo usermod -aG video "$USER"), then log in again.',
  },
  {
    pattern:
      /Pipeline handler in use by another process|Camera '[^']*' is already in use|failed to acquire camera/i,
    cause: 'camera-busy',
    message: () => 'Another program uses this camera.',
    hint: () =>
      'Stop it, such as rpicam-hello, motion, mediamtx or a second rpi-webrtc. fuser -v /dev/video* lists it.',
  },
  {
    pattern: /Device '([^']+)' is busy|Device or resource busy/,
    cause: 'camera-busy',
    message: ([, path]) => `Another program uses ${path ?? 'this camera'}.`,
    hint: ([, path]) => `Find it with fuser -v ${path ?? '/dev/video*'}, and stop it.`,
  },
  {
    pattern: /Could not find any supported camera on this system/,
    cause: 'no-camera',
    message: () => 'libcamera finds no camera.',
    hint: () =>
      'Switch off the Pi and check both ends of the ribbon cable. Then test with rpicam-hello --list-cameras.',
  },
  {
    pattern: /Could not find a camera named '(.*?)'\./,
    cause: 'unknown-camera',
    message: ([, name]) => `libcamera finds no camera named ${name!}.`,
    hint: (_, { knownCameras }) =>
      knownCameras.length > 0
        ? `It finds: ${knownCameras.join(', ')}. Set device to one of them.`
        : '"rpi-webrtc cameras" lists the names to use as device.',
  },
  {
    pattern: /Camera frontend has timed out/,
    cause: 'sensor-timeout',
    message: () => 'The camera stopped sending frames: its sensor timed out.',
    hint: () =>
      'Switch off the Pi and check both ends of the ribbon cable. A cable that is too long also causes this.',
  },
  {
    pattern: /Cannot identify device '([^']+)'/,
    cause: 'no-device',
    message: ([, path]) => `There is no ${path!}.`,
    hint: () => 'Plug the camera in. "rpi-webrtc cameras" lists the devices that exist.',
  },
  {
    pattern:
      /Device '([^']+)' is not a capture device|device '([^']+)': It isn't a v4l2 driver|This isn't a device '([^']+)'/,
    cause: 'not-a-camera',
    message: (m) => `${m[1] ?? m[2] ?? m[3]!} is not a camera.`,
    hint: () => '"rpi-webrtc cameras" lists the devices that are cameras.',
  },
  {
    pattern: /Could not read from resource|No such device/,
    cause: 'unplugged',
    message: () => 'The camera was unplugged, or its driver failed.',
    hint: () => 'Plug it in again. If this repeats, use another cable or a powered USB hub.',
  },
  {
    pattern: /Error binding to address ([\d.]+:\d+)/,
    cause: 'port-taken',
    message: ([, address]) => `UDP port ${address!} is in use by another program.`,
    hint: () => "Stop it, or change this camera's webrtc-port, from which the internal ports are derived.",
  },
  {
    pattern: /Failed to start the camera|Failed to configure camera|Failed to allocate memory/,
    cause: 'camera-start',
    message: ([text]) => `libcamera could not start the camera: ${text.toLowerCase()}.`,
    hint: () => 'Try a smaller width and height. If that does not help, restart the machine.',
  },
  {
    pattern: /not-negotiated|could not link|Device '[^']+' (?:cannot|does not support)/,
    cause: 'not-negotiated',
    message: () => 'The camera does not support the configured width, height, fps or format.',
    hint: (_, { text }) => {
      const offered = /configuring streams: \(\d+\) (\d+x\d+)/.exec(text)?.[1]
      const nearest = offered === undefined ? '' : ` libcamera offers ${offered} instead.`
      return `Try width = 640, height = 480, fps = 30, and for a USB camera format = "raw" or "mjpeg".${nearest}`
    },
  },
]
